"""Who this terminal is for the server, and its secret: one file that its owner alone can read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from terminal.roster.store import write_durably


@dataclass(frozen=True, slots=True)
class Identity:
    """What enrolment gave. The token never appears in a log or on a screen."""

    device_ref: str
    token: str
    label: str
    structure_ref: str

    def __repr__(self) -> str:
        return f"Identity({self.device_ref!r})"


class IdentityStore:
    """The identity file of one terminal (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Identity | None:
        """Return the identity; None before the first enrolment, or when the file cannot be read."""
        try:
            return Identity(**json.loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def save(self, identity: Identity) -> None:
        """Replace the identity durably. Raises OSError."""
        write_durably(self._path, json.dumps(asdict(identity)).encode())
