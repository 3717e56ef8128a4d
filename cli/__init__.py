"""The `marelle` command: one module a noun; each command imports its room when it is called."""
