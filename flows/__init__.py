"""Prefect flows, connectors, exports and the command line."""
