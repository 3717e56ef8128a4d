"""How the portal, which answers quotes, asks what gives it memory to keep what is freed.

A process reads it when it starts, never later. Builds gain nothing of it and would keep a sixth more memory.
"""

from __future__ import annotations

from collections.abc import Mapping

# A quote makes and frees a hundred thousand small objects of DuckDB. The C library keeps seven freed ones of a size
# at hand and merges all others with their neighbours, to cut them again: over a quarter of a quote's CPU.
_SMALL = ("GLIBC_TUNABLES", "glibc.malloc.tcache_count", "=20000", ":")
# Each operator takes a block of 2048 rows a column: DuckDB's own allocator keeps few that large, and gives them
# back to the system between two questions.
_LARGE = "lg_tcache_max:18,tcache_nslots_large:1000,dirty_decay_ms:60000,muzzy_decay_ms:60000"
_LARGE_VARIABLE = "DUCKDB_JE_MALLOC_CONF"


def memory_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what to add to the environment of the portal; what whoever runs it chose stands."""
    variable, name, value, separator = _SMALL
    chosen = environment.get(variable, "")
    added = {} if name in chosen else {variable: separator.join(filter(None, (chosen, name + value)))}
    return added if _LARGE_VARIABLE in environment else {**added, _LARGE_VARIABLE: _LARGE}
