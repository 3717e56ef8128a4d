"""A whole terminal killed at once, screen and sync process, again and again on one folder (test plan F1)."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from terminal.clock import system_instruments
from terminal.config import TerminalFiles
from terminal.outbox import borrowed_store
from terminal.roster.store import RosterStore
from terminal.sync.client import ServerClient
from terminal.sync.engine import SyncChance, SyncEngine, SyncPlace
from terminal.sync.identity import Identity, IdentityStore
from tests.unit.terminal.builders import outbox
from tests.unit.terminal.fake_server import TOKEN, FakeServer

ROUNDS = 20


@contextmanager
def on_a_port(server: FakeServer) -> Iterator[str]:
    """Let a server answer real connections; yields its address."""
    turn = threading.Lock()

    class Door(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = f"http://server{self.path}"
            with turn:
                given = server.answer(httpx.Request(self.command, url, headers=dict(self.headers), content=content))
            self.send_response(given.status_code)
            for name in ("content-type", "etag"):
                if name in given.headers:
                    self.send_header(name, given.headers[name])
            self.send_header("content-length", str(len(given.content)))
            self.end_headers()
            self.wfile.write(given.content)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Port(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A terminal killed in the middle of an exchange: what we came for."""

    with Port(("127.0.0.1", 0), Door) as listening:
        serving = threading.Thread(target=listening.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            serving.join()


def drained(files: TerminalFiles, server: FakeServer) -> None:
    """Send what is left."""
    place = SyncPlace(
        lambda: borrowed_store(files.outbox), RosterStore(files.roster), IdentityStore(files.token), "test"
    )
    engine = SyncEngine(place, ServerClient(server.client()), SyncChance(system_instruments(), random.Random(1)))
    for _ in range(200):
        engine.step()


def test_a_terminal_killed_twenty_times_keeps_and_sends_every_green_tap_once(tmp_path: Path) -> None:
    files, server = TerminalFiles(tmp_path), FakeServer()
    IdentityStore(files.token).save(Identity("borne-1", TOKEN, "Borne du hall", "tilleuls"))
    outbox(files.outbox).close()
    with on_a_port(server) as api:
        command = [
            sys.executable,
            "-m",
            "tests.unit.terminal.killed_terminals",
            str(tmp_path),
            api,
            str(ROUNDS),
            "7",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    green = json.loads(done.stdout)
    assert len(green) >= ROUNDS
    assert len(server.taps) > 0  # the sync process had sent some when it was killed
    box = outbox(files.outbox)
    assert (box.fault, box.recovery.store_was, box.recovery.holes) == (None, "sound", 0)
    rows = box.store.rows("SELECT tap_id, epoch, seq, state FROM tap")
    kept = {str(tap_id) for tap_id, *_ in rows}
    assert set(green) <= kept
    assert len({(epoch, seq) for _, epoch, seq, _ in rows}) == len(rows)
    assert {str(tap_id) for tap_id, _, _, state in rows if state == "acked"} <= server.taps.keys() <= kept
    drained(files, server)
    assert server.taps.keys() == kept
    box.close()
