"""Copies of the project, and commands run in them that end with us."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT_SECONDS = 600
_LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "data", "logs", "target", "*.egg-info", "screenshots", "node_modules"
)


def copy_project(target: Path) -> Path:
    """Copy the working tree, changes that are not committed included; without environments and data."""
    shutil.copytree(ROOT, target, ignore=_LEFT_OUT)
    return target


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it printed; a code below 0 means that it was killed."""

    code: int
    output: str


class Commands:
    """Runs commands of copies, each in its own process group; `stop` ends those that are running."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def run(self, copy: Path, command: str) -> Ran:
        """Run `python -m command` on the modules of a copy, and wait for it."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MARELLE_")}
        environment |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        with self._lock:
            if self._is_stopped:
                return Ran(-signal.SIGTERM, "stopped")
            process = subprocess.Popen(
                [sys.executable, "-m", *command.split()],
                cwd=copy,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        try:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            _kill(process)
            output, _ = process.communicate()
            output += f"\nstopped after {TIMEOUT_SECONDS} s"
        finally:
            with self._lock:
                self._running.discard(process)
        return Ran(process.returncode, output)

    def stop(self) -> None:
        """End what runs and start nothing more."""
        with self._lock:
            self._is_stopped = True
            for process in self._running:
                _kill(process)


def _kill(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
