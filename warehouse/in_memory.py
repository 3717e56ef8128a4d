"""How every in-memory DuckDB of ours is opened."""

from __future__ import annotations

# A wrong query fails in memory rather than filling the disk that taps need: once, one wrote 65 GB beside the code.
IN_MEMORY_ONLY: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "temp_directory": "",
    "memory_limit": "2GB",
}
