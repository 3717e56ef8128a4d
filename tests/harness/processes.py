"""Real processes under test: start, wait for a condition (never for a time), stop, show what they printed."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

TAIL_LINES = 60
POLL_SECONDS = 0.02
CORES_VARIABLE = "MARELLE_WAREHOUSE_CORES"  # one in our own builds; processes of a test work as shipped
LEFT_BEHIND_SECONDS = 2.0  # what its children have to follow it


class ProcessFailure(AssertionError):
    """A process did not do what the test waited for; the message ends with what it printed last."""


def free_port() -> int:
    """Return a TCP port of loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], timeout_seconds: float, what: str) -> None:
    """Return as soon as `condition()` holds. Raises AssertionError naming `what` after the deadline."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout_seconds:g} s, still waiting for {what}")
        time.sleep(POLL_SECONDS)


@dataclass(frozen=True)
class RunningProcess:
    """A started process, head of its own process group, its two outputs in one file."""

    name: str
    popen: "subprocess.Popen[bytes]"
    output_path: Path

    def output(self) -> str:
        """Return everything it printed so far."""
        return self.output_path.read_text(errors="replace")

    def tail(self) -> str:
        """Return the last lines it printed, for a failure message."""
        return "\n".join(self.output().splitlines()[-TAIL_LINES:])

    def wait_for_line(self, pattern: str, timeout_seconds: float = 30) -> re.Match[str]:
        """Wait until a printed line matches the regular expression; return the match.

        Raises ProcessFailure when the process ends first or the deadline passes.
        """
        found: list[re.Match[str]] = []

        def seen() -> bool:
            match = re.search(pattern, self.output(), re.MULTILINE)
            if match is not None:
                found.append(match)
            return match is not None

        self._wait(seen, timeout_seconds, f"a line like {pattern!r}")
        return found[0]

    def wait_for_http(self, url: str, timeout_seconds: float = 30) -> httpx.Response:
        """Wait until `url` answers with a status below 500; return that answer. Raises ProcessFailure."""
        answers: list[httpx.Response] = []
        with httpx.Client(trust_env=False, timeout=5) as client:

            def answered() -> bool:
                try:
                    answer = client.get(url)
                except httpx.TransportError:
                    return False
                answers.append(answer)
                return answer.status_code < 500

            self._wait(answered, timeout_seconds, f"an answer from {url}")
        return answers[-1]

    def stop(self, timeout_seconds: float = 15) -> int:
        """End it with SIGTERM and return its exit code (negative: the signal that ended it).

        Raises ProcessFailure if it had to be killed, or if it left children of its group behind; both are
        killed first.
        """
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            code = self.popen.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessFailure(f"{self.name} ignored SIGTERM for {timeout_seconds:g} s\n{self.tail()}") from None
        try:
            wait_until(self.group_is_empty, LEFT_BEHIND_SECONDS, f"the children of {self.name} to end")
        except AssertionError as left:
            self.kill()
            raise ProcessFailure(f"{left}\n{self.tail()}") from None
        return code

    def kill(self) -> None:
        """End it and its children at once with SIGKILL, as a power cut would. Never raises."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def group_is_empty(self) -> bool:
        """Say whether it and all its children are gone (a dead one nobody collected yet counts as gone)."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                state, _parent, group = stat.read_text().rpartition(")")[2].split()[:3]
                if int(group) == self.popen.pid and state != "Z":
                    return False
        return True

    def _wait(self, condition: Callable[[], bool], timeout_seconds: float, what: str) -> None:
        def met_or_dead() -> bool:
            return condition() or self.popen.poll() is not None

        try:
            wait_until(met_or_dead, timeout_seconds, what)
        except AssertionError as late:
            raise ProcessFailure(f"{self.name}: {late}\n{self.tail()}") from None
        if not condition():  # asked once more: it may have printed, then ended
            code = self.popen.returncode
            raise ProcessFailure(f"{self.name} ended with {code} before {what}\n{self.tail()}")


@dataclass
class Processes:
    """The processes of one test: started here, stopped at its end, shown when it fails."""

    folder: Path
    running: list[RunningProcess] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> RunningProcess:
        """Start `command` (no shell) with `env` added to ours; its output goes to a file of this test."""
        path = self.folder / f"{len(self.running):02d}-{name}.log"
        inherited = {name: value for name, value in os.environ.items() if name != CORES_VARIABLE}
        with path.open("wb") as output:
            popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**inherited, "PYTHONUNBUFFERED": "1", **(env or {})},
                cwd=cwd,
                start_new_session=True,
            )
        process = RunningProcess(name=name, popen=popen, output_path=path)
        self.running.append(process)
        return process

    def stop_all(self) -> None:
        """Stop the last started first. Raises the first ProcessFailure after all are gone."""
        failures: list[ProcessFailure] = []
        for process in reversed(self.running):
            try:
                process.stop()
            except ProcessFailure as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    def report(self) -> list[tuple[str, str]]:
        """Return (title, last lines) of each process, for the report of a failed test."""
        return [(f"output of {process.name}", process.tail()) for process in self.running]
