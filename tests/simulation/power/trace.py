"""The shim's log as Python values."""

import json
import struct
from dataclasses import dataclass
from typing import Any

from tests.simulation.power.control import Operation

_HEAD = struct.Struct("<IHHiiQII")


@dataclass(frozen=True, slots=True)
class Op:
    """One operation on the watched folder; paths are relative to it, "" is the folder itself."""

    kind: Operation
    actor: int
    fd: int
    error: int
    offset: int
    flags: int
    data: bytes
    path: str = ""
    target: str = ""

    @property
    def mark(self) -> dict[str, Any]:
        """What the workload noted."""
        found: dict[str, Any] = json.loads(self.data)
        return found


class UnsupportedOperation(Exception):
    """A watched process used a call that the disk model does not know: the model would be wrong from here on."""


def read_log(log: bytes) -> list[Op]:
    """Return the operations in their order. Raises UnsupportedOperation."""
    ops = []
    at = 0
    while at < len(log):
        size, kind, actor, fd, error, offset, flags, split = _HEAD.unpack_from(log, at)
        payload = log[at + _HEAD.size : at + size]
        ops.append(_op(Operation(kind), (actor, fd, error, offset, flags), payload, split))
        at += size
    return ops


def _op(kind: Operation, facts: tuple[int, int, int, int, int], payload: bytes, split: int) -> Op:
    if kind is Operation.UNSUPPORTED:
        raise UnsupportedOperation(payload.decode())
    if kind in (Operation.WRITE, Operation.MARK):
        return Op(kind, *facts, payload)
    path = payload.decode()
    if kind is Operation.RENAME:
        return Op(kind, *facts, b"", path[:split], path[split:])
    return Op(kind, *facts, b"", path)
