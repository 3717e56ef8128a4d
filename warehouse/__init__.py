"""Python around dbt and DuckDB: load from records, build, publish, read, and price one family now.

Other rooms use `warehouse.reader` (published marts) and `warehouse.family` (one family, live); jobs and the
command line also use `warehouse.build`.
"""
