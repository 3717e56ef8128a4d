"""The settings of memory that the portal is started with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cli.memory import memory_settings
from cli.services import Addresses, service_specs
from tests.unit.cli.test_deploy import DEPLOY

ADDRESSES = Addresses("127.0.0.1", "localhost", 1, 2, 3, 4, 5)
SETTINGS = memory_settings({})
# Kept at hand, the last block freed is the first given again; merged with the others, it is cut where it falls.
REUSED = """
import ctypes
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
made = [c.malloc(1000) for _ in range(300)]
for block in made:
    c.free(block)
again = [c.malloc(1000) for _ in range(300)]
print(again == made[::-1])
"""


def test_the_portal_alone_is_started_with_them() -> None:
    specs = service_specs(Path("/tmp/nowhere"), None, ADDRESSES, None)
    assert [spec.name for spec in specs if SETTINGS.items() <= dict(spec.env).items()] == ["portal"]


def test_what_whoever_runs_the_portal_chose_stands() -> None:
    chosen = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=3", "DUCKDB_JE_MALLOC_CONF": "narenas:1"}
    assert memory_settings(chosen) == {}


def test_another_setting_of_the_c_library_is_kept_beside() -> None:
    added = memory_settings({"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"})
    assert added["GLIBC_TUNABLES"] == "glibc.malloc.arena_max=2:" + SETTINGS["GLIBC_TUNABLES"]


def test_the_c_library_keeps_freed_blocks_at_hand_with_them() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", REUSED], env={**os.environ, **each}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for each in (SETTINGS, {})
    ]
    assert answers == ["True", "False"]


def test_the_page_of_deployment_gives_them_to_a_portal_of_its_own_unit() -> None:
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert all(f"Environment={name}={value}" in page for name, value in SETTINGS.items())
