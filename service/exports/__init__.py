"""Exports: what may be relied upon (`columns`), what is in it (`rows`, `files`)."""
