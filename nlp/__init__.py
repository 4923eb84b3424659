"""Pure stages: records in, records out; no database, no Prefect, no web."""
