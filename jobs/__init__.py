"""Long work: a job is a row, run by the one scheduler of this MARELLE_HOME (docs/adr/0010)."""
