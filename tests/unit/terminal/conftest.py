"""The terminal whose sending is under test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal.sync.identity import Identity, IdentityStore
from tests.unit.terminal.builders import outbox
from tests.unit.terminal.fake_server import TOKEN, FakeServer
from tests.unit.terminal.sync_bench import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """An enrolled terminal that has not met the server yet."""
    IdentityStore(tmp_path / "identity.json").save(Identity("borne-1", TOKEN, "Borne du hall", "tilleuls"))
    box = outbox(tmp_path / "outbox")
    found = Terminal(tmp_path, FakeServer(), box)
    found.start()
    yield found
    box.close()
