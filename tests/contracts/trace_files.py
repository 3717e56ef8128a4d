"""Recorded conversations with readers: one frame a line, ">" towards the reader, "<" from it, "#" a remark.

A capture from a real reader dropped into traces/ in this form is replayed as the others are.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

TRACES = Path(__file__).parent / "traces"


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One frame and its direction."""

    from_reader: bool
    frame: bytes


def load_trace(name: str) -> list[TraceLine]:
    """Read the frames of traces/``name``."""
    lines = (line.strip() for line in (TRACES / name).read_text(encoding="ascii").splitlines())
    return [TraceLine(line[0] == "<", bytes.fromhex(line[1:])) for line in lines if line[:1] in ("<", ">")]


def received(name: str) -> list[bytes]:
    """Return the frames the reader sends in traces/``name``."""
    return [line.frame for line in load_trace(name) if line.from_reader]


class ReplayTransport:
    """A transport for nfcpy that follows a trace to the letter: another question than recorded is a failure."""

    TYPE = "TTY"
    manufacturer_name = "trace"
    product_name = "trace"

    def __init__(self, trace: list[TraceLine]) -> None:
        self._left = list(trace)

    @property
    def finished(self) -> bool:
        """True when every recorded frame was exchanged."""
        return not self._left

    def write(self, frame: bytes, timeout: int = 0) -> None:
        """Take a frame; it must be the recorded one."""
        expected = self._left.pop(0)
        assert not expected.from_reader, f"the reader was to answer {expected.frame.hex(' ')}"
        assert bytes(frame) == expected.frame, f"asked {frame.hex(' ')}, recorded {expected.frame.hex(' ')}"

    def read(self, timeout: int = 0) -> bytearray:
        """Give the recorded answer; silence when none was recorded."""
        if not self._left or not self._left[0].from_reader:
            raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        return bytearray(self._left.pop(0).frame)

    def close(self) -> None:
        """Nothing to free."""
