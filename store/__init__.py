"""SQLite or PostgreSQL behind plain functions on records; none of them commits."""
