"""A whole collectivity as a folder of CSV files: what each file holds, reading it, checking it, writing it back.

One declaration a file (`declared/`) is what the import reads, the export writes and `docs/import/` shows. Nothing
here writes to the records: `records.operations.town_import` does.
"""
