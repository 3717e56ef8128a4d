"""`marelle run`'s supervisor, on real processes: restarts, stops everything, leaves nobody behind."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from cli.ports import Port, PortTaken, is_free, require_free
from cli.supervision import supervisor as supervision
from cli.supervision.children import ChildFailed, ChildSpec
from cli.supervision.supervisor import Supervisor
from tests.harness.processes import Processes, free_port, wait_until

SLEEP = "import time, os; print(os.getpid(), flush=True); time.sleep(600)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    """Say whether a process runs (a dead one that nobody collected does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def spec(name: str, code: str, is_healthy: Callable[[], bool] = lambda: True) -> ChildSpec:
    return ChildSpec(name, f"Le service {name}", [sys.executable, "-c", code], {}, is_healthy)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def start(tmp_path: Path, said: list[str]) -> Iterator[Callable[..., Supervisor]]:
    """Start a supervisor over children; stopped at the end whatever happened."""
    started: list[Supervisor] = []

    def go(*specs: ChildSpec) -> Supervisor:
        supervisor = Supervisor(specs, tmp_path / "logs", said.append)
        started.append(supervisor)
        supervisor.start()
        return supervisor

    yield go
    for supervisor in started:
        supervisor.stop()


def pid_in(log: Path) -> int:
    wait_until(lambda: log.exists() and log.read_text().strip() != "", 10, f"a pid in {log}")
    return int(log.read_text().split()[-1])


def test_stop_ends_every_child(start: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = start(spec("un", SLEEP), spec("deux", SLEEP))
    pids = [pid_in(tmp_path / "logs" / f"{name}.log") for name in ("un", "deux")]
    assert all(is_alive(pid) for pid in pids)
    supervisor.stop()
    assert not any(is_alive(pid) for pid in pids)


def test_stop_ends_the_children_of_a_child(start: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = start(spec("parent", PARENT))
    grandchild = pid_in(tmp_path / "logs" / "parent.log")
    assert is_alive(grandchild)
    supervisor.stop()
    wait_until(lambda: not is_alive(grandchild), 5, "the grandchild to end")


def test_a_child_that_ignores_us_is_killed(start: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = start(replace(spec("sourd", DEAF), stop_seconds=0.3))
    log = tmp_path / "logs" / "sourd.log"
    wait_until(lambda: log.exists() and "deaf" in log.read_text(), 10, "the child to be deaf")
    supervisor.stop()
    assert all(post.child is None for post in supervisor._posts)


def test_a_fallen_child_is_restarted_and_it_is_told(
    start: Callable[..., Supervisor], tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "RESTART_SECONDS_FIRST", 0.05)
    supervisor = start(spec("api", SLEEP))
    supervisor._posts[0].delay = 0.05
    log = tmp_path / "logs" / "api.log"
    first = pid_in(log)
    watcher = threading.Thread(target=supervisor.watch)
    watcher.start()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(log.read_text().split()) == 2, 10, "the child to come back")
    supervisor.stop_asked.set()
    watcher.join(5)
    assert is_alive(int(log.read_text().split()[1]))
    assert "Le service api s'est arrêté (code -9)" in said[0]


def test_restarts_wait_longer_each_time(start: Callable[..., Supervisor], said: list[str]) -> None:
    supervisor = start(spec("frêle", "raise SystemExit('port pris')"))
    post = supervisor._posts[0]
    now = post.started_at
    for _fall in range(4):
        assert post.child is not None
        post.child._popen.wait()
        supervisor._look_after(post, now)
        now = post.restart_at
        supervisor._look_after(post, now)
    delays = [int(text.split("dans ")[1].split(" s")[0]) for text in said]
    assert delays == [1, 2, 4, 8]
    assert "port pris" in said[0]


def test_everything_healthy_returns(start: Callable[..., Supervisor]) -> None:
    answers = iter([False, False, True])
    supervisor = start(spec("lent", SLEEP, lambda: next(answers)))
    supervisor.wait_until_healthy(10)
    assert next(answers, None) is None


def test_a_child_that_dies_at_once_is_named_with_its_last_words(start: Callable[..., Supervisor]) -> None:
    supervisor = start(spec("portail", "raise SystemExit('il manque une page')", lambda: False))
    with pytest.raises(ChildFailed, match="Le service portail n'a pas pu démarrer : il manque une page"):
        supervisor.wait_until_healthy(10)


def test_a_silent_child_is_named_after_a_while(start: Callable[..., Supervisor]) -> None:
    supervisor = start(spec("muet", SLEEP, lambda: False))
    with pytest.raises(ChildFailed, match="Le service muet"):
        supervisor.wait_until_healthy(0.2)


def test_a_command_that_does_not_exist_is_named(start: Callable[..., Supervisor]) -> None:
    with pytest.raises(ChildFailed, match="Le fantôme"):
        start(ChildSpec("x", "Le fantôme", ["/no/such/command"], {}, lambda: True))


KILLED_PARENT = """
import sys, time
from pathlib import Path
from cli.supervision.children import ChildSpec
from cli.supervision.supervisor import Supervisor
code = (
    "import os; from cli.serving import serving\\n"
    "with serving(stop_with_parent=True):\\n"
    "    print(os.getpid(), flush=True)\\n"
    "    import time; time.sleep(600)"
)
spec = ChildSpec("service", "Le service", [sys.executable, "-c", code], {}, lambda: True)
Supervisor([spec], Path(sys.argv[1]), print).start()
print("started", flush=True)
time.sleep(600)
"""


def test_children_end_when_their_supervisor_is_killed(tmp_path: Path, processes: Processes) -> None:
    parent = processes.start("parent", [sys.executable, "-c", KILLED_PARENT, tmp_path / "logs"])
    parent.wait_for_line("started")
    child = pid_in(tmp_path / "logs" / "service.log")
    assert is_alive(child)
    parent.popen.kill()
    try:
        wait_until(lambda: not is_alive(child), 10, "the orphan to end")
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


# ------------------------------------------------------------------------------------------------------ ports


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        number = taken.getsockname()[1]
        assert not is_free("127.0.0.1", number)
        with pytest.raises(PortTaken, match=rf"{number} \(portail\).*--portal-port {number + 100}"):
            require_free("127.0.0.1", [Port(number, "portail", "--portal-port")])


def test_a_port_wanted_twice_is_refused() -> None:
    number = free_port()
    ports = [Port(number, "API", "--api-port"), Port(number, "portail", "--portal-port")]
    with pytest.raises(PortTaken, match="deux fois"):
        require_free("127.0.0.1", ports)


def test_a_free_port_is_free() -> None:
    number = free_port()
    require_free("127.0.0.1", [Port(number, "API", "--api-port")])
    assert is_free("127.0.0.1", number)
