"""All SQL: functions that take a transaction. One schema and one set of functions for SQLite and PostgreSQL."""
