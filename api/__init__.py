"""HTTP: the API under /v1 and the pages that people read."""
