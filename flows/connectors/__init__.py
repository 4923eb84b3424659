"""Readers, one for each file format, and the one way in: `source.open_source`."""
