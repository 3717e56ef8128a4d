"""`marelle run` on real processes: everything answers, Ctrl-C ends all of it, and nothing is left behind."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.simulated_terminal import terminal_home
from terminal.config import TerminalFiles
from tests.harness.demo_world import DemoWorld
from tests.harness.processes import Processes, RunningProcess, free_port, wait_until

PORTS = ("--api-port", "--portal-port", "--dashboards-port", "--terminal-port", "--reader-port")
START_SECONDS = 120  # two cores, and other tests at work


def ports() -> dict[str, int]:
    """Return a free port for each service."""
    return {option: free_port() for option in PORTS}


def run(processes: Processes, env: dict[str, str], at: dict[str, int], *options: str) -> RunningProcess:
    arguments = [word for option, port in at.items() for word in (option, str(port))]
    return processes.start("run", [sys.executable, "-m", "cli", "run", *arguments, *options], env)


def children_of(pid: int) -> set[int]:
    """Return the processes below a process, at any depth."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_everything_answers_ctrl_c_ends_it_all_and_it_works_again(
    processes: Processes, demo_copy: DemoWorld
) -> None:
    at = ports()
    started = run(processes, demo_copy.env(), at)
    started.wait_for_line("Ctrl-C arrête tout", START_SECONDS)
    below = children_of(started.popen.pid)
    assert len(below) >= 5
    with httpx.Client(trust_env=False, timeout=20) as client:
        assert client.get(f"http://127.0.0.1:{at['--portal-port']}/connexion").status_code == 200
        assert client.get(f"http://127.0.0.1:{at['--api-port']}/v1/health").status_code == 200
        assert client.get(f"http://127.0.0.1:{at['--dashboards-port']}/_stcore/health").text == "ok"
        assert "Marelle" in client.get(f"http://127.0.0.1:{at['--terminal-port']}/").text
    assert TerminalFiles(terminal_home(demo_copy.home)).token.exists()
    printed = started.output().replace("\u00a0", " ")
    assert f"http://127.0.0.1:{at['--portal-port']}" in printed
    assert demo_copy.password("directrice") in printed
    assert f"marelle badge {demo_copy.summary.badges[0].uid}" in printed
    os.kill(started.popen.pid, signal.SIGINT)
    assert started.popen.wait(30) == 0
    wait_until(lambda: not any(is_alive(pid) for pid in below), 5, "every child to end")
    assert "Tout est arrêté" in started.output()

    again = run(processes, demo_copy.env(), at, "--check")
    again.wait_for_line("✓ Tout répond", START_SECONDS)
    assert again.popen.wait(30) == 0


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARELLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MARELLE_DATABASE_URL", raising=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        number = taken.getsockname()[1]
        found = CliRunner().invoke(app, ["run", "--portal-port", str(number), "--api-port", str(free_port())])
    assert found.exit_code == 1
    assert f"Le port {number} (portail) est déjà pris" in found.stderr
    assert f"--portal-port {number + 100}" in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_stop_during_the_creation_leaves_nothing(processes: Processes, tmp_path: Path) -> None:
    home = tmp_path / "town" / "home"
    started = run(processes, {"MARELLE_HOME": str(home), "MARELLE_DATABASE_URL": ""}, ports())
    started.wait_for_line("création de la ville", START_SECONDS)
    wait_until(lambda: home.parent.exists() and any(home.parent.iterdir()), 30, "the creation to begin")
    started.popen.terminate()
    assert started.popen.wait(30) == 130
    assert list(home.parent.iterdir()) == []


def test_two_runs_in_one_folder_are_refused(processes: Processes, demo_copy: DemoWorld) -> None:
    with (demo_copy.home / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = run(processes, demo_copy.env(), ports(), "--check")
        second.wait_for_line("Marelle tourne déjà", START_SECONDS)
        assert second.popen.wait(30) == 1
