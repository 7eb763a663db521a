"""PostgreSQL: the engine, the transaction, the base of all tables, migrations, the embedded server."""
