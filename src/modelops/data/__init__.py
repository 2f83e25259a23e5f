"""Sources, snapshot and digest, contract, anonymisation, split. Imports DuckDB only when rows are read."""
