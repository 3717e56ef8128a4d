"""Everything anyone may DO, one file per noun; nobody writes to the records elsewhere."""
