"""The days behind a declaration, kept with it: what each line counted when it was frozen, and what is not the same.

A frozen figure opens to these, and not to what the same days say now: a correction is seen as a difference.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.errors import Conflict
from domain.french import typeset

_LEVEL = 9  # frozen once, and a twentieth of the text


@dataclass(frozen=True, slots=True)
class DeclaredDay:
    """What a child × service × day adds (minutes, euros, 1 where children are told apart), and to which lines."""

    child_ref: str
    service_ref: str
    day: date
    quantity: Decimal
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayDifference:
    """A child × service × day of a line, as it was frozen and as it is now; 0 where it is not in the line."""

    child_ref: str
    service_ref: str
    day: date
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        """How much more the day says now."""
        return self.after - self.before


def packed(days: Iterable[DeclaredDay]) -> tuple[str, str]:
    """Return days as they are kept, whatever order they came in, and the SHA-256 of their text."""
    lines = sorted(
        "\t".join(
            (one.child_ref, one.service_ref, str(one.day), format(one.quantity, "f"), " ".join(sorted(one.keys)))
        )
        for one in days
    )
    content = "\n".join(lines).encode()
    return base64.b64encode(zlib.compress(content, _LEVEL)).decode(), hashlib.sha256(content).hexdigest()


def unpacked(kept: str, sha256: str) -> tuple[DeclaredDay, ...]:
    """Return the days that were kept. Raises Conflict when they are not those of the hash."""
    try:
        content = zlib.decompress(base64.b64decode(kept, validate=True))
    except (ValueError, zlib.error):
        content = None
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        raise Conflict(
            typeset(
                "Les journées de cette déclaration ne correspondent plus à leur empreinte : elles ont été "
                "modifiées hors de Marelle. Prévenez l'administration avant de les utiliser."
            )
        )
    return tuple(_read(line) for line in content.decode().split("\n") if line)


def days_of(days: Iterable[DeclaredDay], key: str) -> dict[tuple[str, str, date], Decimal]:
    """Return what each child × service × day adds to a line, by its `Figure.key`."""
    return {(one.child_ref, one.service_ref, one.day): one.quantity for one in days if key in one.keys}


def day_differences(
    before: Iterable[DeclaredDay], after: Iterable[DeclaredDay], key: str
) -> tuple[DayDifference, ...]:
    """Return every day of a line, then or now, by child and day; those that did not move have no change."""
    old, new = days_of(before, key), days_of(after, key)
    none = Decimal(0)
    return tuple(
        DayDifference(*where, old.get(where, none), new.get(where, none))
        for where in sorted(old.keys() | new.keys(), key=lambda where: (where[0], where[2], where[1]))
    )


def _read(line: str) -> DeclaredDay:
    child_ref, service_ref, day, quantity, keys = line.split("\t")
    return DeclaredDay(child_ref, service_ref, date.fromisoformat(day), Decimal(quantity), tuple(keys.split(" ")))
