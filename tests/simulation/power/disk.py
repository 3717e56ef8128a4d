"""What a disk may hold after a power cut: worked out from the log of what processes did to it.

Content. What a file's last honest fsync covered is certain. Each later write or truncation survives or not on its
own, in the order of the log, and a surviving write may be torn at 512-byte sectors. Bytes that a lost write should
have filled are zeros or garbage.

Names. Two disciplines, both weaker than what the systems they stand for promise:

- *ordered*, as ext4 does it: creations, renames and removals survive as a prefix of the log. An fsync of a file or
  folder makes certain every change of names up to the last one that touched it.
- *harsh*, what POSIX leaves open: each folder keeps its own prefix, and only an fsync of that folder makes it
  certain; a file whose content was synced can still have no name. One thing holds: a rename between folders never
  leaves a file without any name.

An fsync that failed is the kernel's last word (« fsyncgate »): each write it was about is then on the disk or never
will be, whatever later fsyncs say. A lying disk answers some fsyncs without doing anything.

Not modelled: damage to bytes that were certain (tests of corruption do that), and sectors of 4096 bytes.
"""

import os
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.simulation.power.control import Operation
from tests.simulation.power.trace import Op

SECTOR = 512
SURVIVALS = ("half", "prefix", "suffix", "none", "all")
_SURVIVAL_WEIGHTS = (60, 15, 5, 12, 8)

Content = bytes | bytearray
Piece = tuple[int, bytes | None]  # (offset, data) of a write, (size, None) of a truncation


@dataclass(frozen=True, slots=True)
class DiskModel:
    """How a disk behaves when the power goes; `lying` is the share of fsyncs that do nothing."""

    is_ordered: bool = True
    lying: float = 0.0

    @property
    def name(self) -> str:
        """A word for a command line, read back by `disk_model`."""
        return f"{'ordered' if self.is_ordered else 'harsh'}-{self.lying:g}"


def disk_model(name: str) -> DiskModel:
    """Return the model of that name."""
    discipline, lying = name.split("-")
    return DiskModel(discipline == "ordered", float(lying))


@dataclass(frozen=True, slots=True)
class Image:
    """A folder as it was found: file contents by relative path, and its folders."""

    files: dict[str, Content] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return what a folder holds now."""
        found = sorted(folder.rglob("*"))
        files: dict[str, Content] = {
            str(path.relative_to(folder)): path.read_bytes() for path in found if path.is_file()
        }
        return cls(files, tuple(str(path.relative_to(folder)) for path in found if path.is_dir()))

    def write(self, folder: Path) -> None:
        """Write everything into an empty folder that exists."""
        for name in self.folders:
            os.mkdir(f"{folder}/{name}")
        for name, content in self.files.items():
            with open(f"{folder}/{name}", "wb", buffering=0) as file:
                file.write(content)


class Node:
    """A file or folder apart from its names."""

    __slots__ = ("content", "flushes", "is_folder", "last_change", "pending")

    def __init__(self, content: Content = b"", is_folder: bool = False) -> None:
        self.content = bytearray(content)
        self.pending: list[Piece] = []
        self.is_folder = is_folder
        self.last_change = 0
        self.flushes = 0

    def flush(self) -> None:
        """Make everything written so far certain."""
        _put(self.content, self.pending)
        self.pending.clear()
        self.flushes += 1


@dataclass(slots=True)
class Change:
    """Names that change together; `needs` is a change that must have survived for this one to."""

    number: int
    folder: str
    edits: tuple[tuple[str, Node | None], ...]
    needs: "Change | None" = None


class Disk:
    """Follows a log operation by operation; at any point `cut` gives a state that a power cut may leave."""

    def __init__(self, image: Image, model: DiskModel, seed: object) -> None:
        """Start from a disk that holds `image` for certain; `seed` decides which fsyncs lie."""
        self.model = model
        self._random = random.Random(f"walk/{seed}")
        self._names: dict[str, Node] = {"": Node(is_folder=True)}
        self._names |= {name: Node(is_folder=True) for name in image.folders}
        self._names |= {name: Node(content) for name, content in image.files.items()}
        self._certain = dict(self._names)
        self._changes: list[Change] = []
        self._number = 0
        self._open: dict[tuple[int, int], Node] = {}
        self._actions = {
            Operation.OPEN: self._do_open,
            Operation.CLOSE: self._do_close,
            Operation.WRITE: self._do_write,
            Operation.TRUNCATE: self._do_truncate,
            Operation.SYNC: self._do_sync,
            Operation.RENAME: self._do_rename,
            Operation.UNLINK: self._do_unlink,
            Operation.RMDIR: self._do_unlink,
            Operation.MKDIR: self._do_mkdir,
        }

    def apply(self, op: Op) -> None:
        """Take note of the next operation of the log."""
        action = self._actions.get(op.kind)
        if action is not None and (op.error == 0 or op.kind is Operation.SYNC):
            action(op)

    def now(self) -> Image:
        """Return what the running processes see."""
        return _image(self._names, lambda node: _written(node.content, node.pending))

    def cut(self, seed: object, survival: str | None = None) -> tuple[Image, int]:
        """Return what is left when the power goes now, and a key that tells different states apart."""
        source = random.Random(f"cut/{seed}")
        chosen = survival or source.choices(SURVIVALS, _SURVIVAL_WEIGHTS)[0]
        names = self._surviving_names(source, chosen)
        key: list[object] = []

        def content_of(node: Node) -> Content:
            pieces = list(_survivors(node.pending, source, chosen))
            key.append((node.flushes, tuple((at, data and len(data)) for at, data in pieces)))
            return _written(node.content, pieces, source)

        image = _image(names, content_of)
        return image, hash((tuple(image.files), *key))

    # -- operations -------------------------------------------------------------------------------------------

    def _do_open(self, op: Op) -> None:
        node = self._names.get(op.path)
        if node is None:
            node = Node()
            self._rename(op.path, node)
        elif op.flags & os.O_TRUNC:
            node.pending.append((0, None))
        self._open[op.actor, op.fd] = node

    def _do_close(self, op: Op) -> None:
        del self._open[op.actor, op.fd]

    def _do_write(self, op: Op) -> None:
        self._open[op.actor, op.fd].pending.append((op.offset, op.data))

    def _do_truncate(self, op: Op) -> None:
        self._open[op.actor, op.fd].pending.append((op.offset, None))

    def _do_sync(self, op: Op) -> None:
        node = self._open[op.actor, op.fd]
        if op.error:
            node.pending = [piece for piece in node.pending if self._random.random() < 0.5]
            node.flush()
        elif self.model.lying == 0 or self._random.random() >= self.model.lying:
            node.flush()
            self._settle(node)

    def _do_rename(self, op: Op) -> None:
        node = self._names[op.path]
        if node.is_folder:
            raise AssertionError("renaming a folder is not modelled")
        if _folder(op.path) == _folder(op.target):
            self._change(_folder(op.path), ((op.target, node), (op.path, None)))
            return
        arrival = self._change(_folder(op.target), ((op.target, node),))
        self._change(_folder(op.path), ((op.path, None),), arrival)

    def _do_unlink(self, op: Op) -> None:
        self._rename(op.path, None)

    def _do_mkdir(self, op: Op) -> None:
        self._rename(op.path, Node(is_folder=True))

    # -- names ------------------------------------------------------------------------------------------------

    def _rename(self, path: str, node: Node | None) -> None:
        self._change(_folder(path), ((path, node),))

    def _change(
        self, folder: str, edits: tuple[tuple[str, Node | None], ...], needs: Change | None = None
    ) -> Change:
        self._number += 1
        for path, node in edits:
            touched = self._names.get(path) if node is None else node
            if touched is not None:
                touched.last_change = self._number
        self._names[folder].last_change = self._number
        change = Change(self._number, folder, edits, needs)
        self._changes.append(change)
        _edit(self._names, change)
        return change

    def _settle(self, node: Node) -> None:
        """Make certain the changes of names that an honest fsync of this node covers."""
        if self.model.is_ordered:
            covered = [change for change in self._changes if change.number <= node.last_change]
        elif node.is_folder:
            path = next(path for path, found in self._names.items() if found is node)
            covered = [change for change in self._changes if change.folder == path]
            covered += [change.needs for change in covered if change.needs in self._changes]
        else:
            return
        for change in covered:
            _edit(self._certain, change)
        if covered:
            done = {change.number for change in covered}
            self._changes = [change for change in self._changes if change.number not in done]

    def _surviving_names(self, source: random.Random, survival: str) -> dict[str, Node]:
        names = dict(self._certain)
        if not self._changes or survival == "none":
            return names
        survived: set[int] = set()
        waiting = {change.number for change in self._changes}
        ends = self._ends(source, survival)
        for change in self._changes:
            queue = "" if self.model.is_ordered else change.folder
            needs = change.needs
            if needs is not None and needs.number in waiting and needs.number not in survived:
                ends[queue] = 0  # the first half of a rename between folders was lost: nothing after it here
            if ends[queue] > 0:
                ends[queue] -= 1
                survived.add(change.number)
                _edit(names, change)
        return names

    def _ends(self, source: random.Random, survival: str) -> dict[str, int]:
        """Return how many changes of each queue survive."""
        lengths: dict[str, int] = {}
        for change in self._changes:
            queue = "" if self.model.is_ordered else change.folder
            lengths[queue] = lengths.get(queue, 0) + 1
        if survival == "all":
            return lengths
        return {queue: source.randint(0, length) for queue, length in sorted(lengths.items())}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _edit(names: dict[str, Node], change: Change) -> None:
    for path, node in change.edits:
        if node is None:
            names.pop(path, None)
        else:
            names[path] = node


def _image(names: dict[str, Node], content_of: Callable[[Node], Content]) -> Image:
    """Return what can be reached: a file whose folder has no name is gone with it."""
    folders = {path for path, node in names.items() if node.is_folder}
    reached = [path for path in sorted(names) if path and _is_reached(path, folders)]
    return Image(
        {path: content_of(names[path]) for path in reached if not names[path].is_folder},
        tuple(path for path in reached if names[path].is_folder),
    )


def _is_reached(path: str, folders: set[str]) -> bool:
    parent = _folder(path)
    return parent in folders and (not parent or _is_reached(parent, folders))


def _survivors(pending: list[Piece], source: random.Random, survival: str) -> Iterator[Piece]:
    if survival == "all" or not pending:
        yield from pending
    elif survival == "half":
        for at, data in pending:
            if source.random() < 0.5:
                yield from _torn(at, data, source) if source.random() < 0.25 else ((at, data),)
    elif survival in ("prefix", "suffix"):
        middle = source.randrange(len(pending))
        yield from pending[:middle] if survival == "prefix" else ()
        yield from _torn(*pending[middle], source)
        yield from pending[middle + 1 :] if survival == "suffix" else ()


def _torn(at: int, data: bytes | None, source: random.Random) -> Iterator[Piece]:
    """Yield the sectors of a write that reached the disk; a truncation is whole or nothing."""
    if data is None:
        if source.random() < 0.5:
            yield at, None
        return
    begin, end = at, at + len(data)
    while begin < end:
        stop = min(end, (begin // SECTOR + 1) * SECTOR)
        if source.random() < 0.5:
            yield begin, data[begin - at : stop - at]
        begin = stop


def _written(content: Content, pieces: Iterable[Piece], garbage: random.Random | None = None) -> bytearray:
    result = bytearray(content)
    _put(result, pieces, garbage)
    return result


def _put(content: bytearray, pieces: Iterable[Piece], garbage: random.Random | None = None) -> None:
    for at, data in pieces:
        missing = at - len(content)
        if missing > 0:
            is_garbage = garbage is not None and garbage.random() < 0.3
            content.extend(garbage.randbytes(missing) if garbage is not None and is_garbage else bytes(missing))
        if data is None:
            del content[at:]
        else:
            content[at : at + len(data)] = data
