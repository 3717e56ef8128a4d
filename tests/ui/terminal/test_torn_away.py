"""A screen process whose terminal is taken away ends by itself: the supervisor starts it again."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from terminal.hangup import EXIT_TORN_AWAY
from terminal.outbox.store import store_path
from tests.harness.pty_terminal import TERMINAL_ENVIRONMENT

# Deaf to SIGHUP, as under nohup or behind another program: else the system itself would end the process.
SCREEN = """
import signal, sys
from pathlib import Path
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from terminal.app import run_terminal
from terminal.config import TerminalConfig
sys.exit(run_terminal(TerminalConfig(home=Path(sys.argv[1]), api="http://127.0.0.1:9")))
"""
START_SECONDS, END_SECONDS = 60, 30


@pytest.fixture
def screen(tmp_path: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A running screen process, and our end of its terminal."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", sys.executable, "-c", SCREEN, tmp_path],
        stdin=its,
        stdout=its,
        stderr=its,
        env={**os.environ, **TERMINAL_ENVIRONMENT},
    )
    os.close(its)
    deadline = time.monotonic() + START_SECONDS
    while not store_path(tmp_path / "outbox").exists():
        assert time.monotonic() < deadline, "the terminal never opened its outbox"
        if select.select([ours], [], [], 0.1)[0]:
            os.read(ours, 65_536)
    return process, ours


def test_screen_process_ends_when_its_terminal_is_torn_away(screen: tuple[subprocess.Popen[bytes], int]) -> None:
    process, ours = screen
    os.close(ours)
    try:
        assert process.wait(END_SECONDS) == EXIT_TORN_AWAY
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
