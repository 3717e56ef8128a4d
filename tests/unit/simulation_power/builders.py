"""Logs written by hand."""

import json
import os

from tests.simulation.power.control import Operation
from tests.simulation.power.disk import Disk, DiskModel, Image
from tests.simulation.power.trace import Op

FILE, OTHER, FOLDER = 3, 4, 5
ORDERED, HARSH = DiskModel(is_ordered=True), DiskModel(is_ordered=False)


def op(kind: Operation, **facts: object) -> Op:
    """Return an operation of actor 1 on the descriptor FILE, with some facts changed."""
    values: dict[str, object] = {"actor": 1, "fd": FILE, "error": 0, "offset": 0, "flags": 0, "data": b""}
    return Op(kind, **{**values, **facts})  # type: ignore[arg-type]


def opened(path: str, fd: int = FILE, flags: int = os.O_RDWR | os.O_CREAT) -> Op:
    """Return the opening of a path."""
    return op(Operation.OPEN, path=path, fd=fd, flags=flags)


def written(data: bytes, offset: int = 0, fd: int = FILE) -> Op:
    """Return a write."""
    return op(Operation.WRITE, data=data, offset=offset, fd=fd)


def synced(fd: int = FILE, error: int = 0) -> Op:
    """Return an fsync."""
    return op(Operation.SYNC, fd=fd, error=error)


def marked(what: str, **facts: object) -> Op:
    """Return a word of the workload."""
    return op(Operation.MARK, fd=-1, data=json.dumps({"what": what, **facts}).encode())


def disk(model: DiskModel, *ops: Op, image: Image | None = None) -> Disk:
    """Return a disk to which these operations were done."""
    made = Disk(image or Image(), model, "seed")
    for one in ops:
        made.apply(one)
    return made


def states(made: Disk, draws: int = 300) -> set[tuple[tuple[str, bytes], ...]]:
    """Return the states that many cuts leave."""
    return {
        tuple((name, bytes(content)) for name, content in made.cut(draw)[0].files.items()) for draw in range(draws)
    }
