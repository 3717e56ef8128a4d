"""A scenario that does to the disk exactly what it is told: for the tests of the shim and of the disk model.

Each actor is a list of steps: `["write", name, text]` (opens, appends, keeps open), `["sync", name]` ("" is the
folder), `["truncate", name, size]`, `["rename", from, to]`, `["unlink", name]`, `["mkdir", name]`,
`["mark", word]`, `["rule", action, operation, match, skip, times, error]`, `["heal"]`, `["dup", name]`,
`["sleep", seconds]`.
"""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from tests.simulation.power.control import Action, Control, Operation
from tests.simulation.power.zygote import Play, run_by_turns


def run(control: Control, request: Mapping[str, Any]) -> int:
    """Let each actor do its steps, all at once; return the length of the log."""
    actors: dict[int, Sequence[Play]] = {
        slot: [Probe(control, request["folder"], steps).play] for slot, steps in enumerate(request["actors"])
    }
    return run_by_turns(control, request, actors)


class Probe:
    """An actor that follows its steps; a refused one is noted with its errno."""

    def __init__(self, control: Control, folder: str, steps: Sequence[Sequence[Any]]) -> None:
        self._control = control
        self._folder = folder
        self._steps = steps
        self._fds: dict[str, int] = {}

    def play(self, _life: int) -> None:
        """Do every step."""
        for name, *values in self._steps:
            try:
                getattr(self, f"_{name}")(*values)
            except OSError as refusal:
                self._control.mark("refused", step=name, errno=refusal.errno)

    def _fd(self, name: str) -> int:
        if name not in self._fds:
            flags = os.O_RDONLY | os.O_DIRECTORY if name == "" else os.O_RDWR | os.O_CREAT | os.O_APPEND
            self._fds[name] = os.open(self._path(name), flags, 0o600)
        return self._fds[name]

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}" if name else self._folder

    def _write(self, name: str, text: str) -> None:
        self._control.mark("written", bytes=os.write(self._fd(name), text.encode()))

    def _sync(self, name: str) -> None:
        os.fsync(self._fd(name))

    def _truncate(self, name: str, size: int) -> None:
        os.ftruncate(self._fd(name), size)

    def _rename(self, source: str, target: str) -> None:
        os.rename(self._path(source), self._path(target))

    def _unlink(self, name: str) -> None:
        os.unlink(self._path(name))

    def _mkdir(self, name: str) -> None:
        os.mkdir(self._path(name))

    def _mark(self, word: str) -> None:
        self._control.mark(word)

    def _rule(self, action: str, operation: str, match: str, skip: int, times: int, error: int) -> None:
        self._control.rule(Action[action], (Operation[operation],), match, skip=skip, times=times, error=error)

    def _heal(self) -> None:
        self._control.heal()

    def _dup(self, name: str) -> None:
        os.dup(self._fd(name))

    def _sleep(self, seconds: float) -> None:
        started = time.monotonic()
        time.sleep(seconds)
        self._control.mark("slept", seconds=time.monotonic() - started)
