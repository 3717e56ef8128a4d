"""What bodies pay of priced lines, and what is left to the family, in the words of every reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.french import euros, typeset
from domain.lines import CoveredLine, PricedLine
from domain.money import to_cents


@dataclass(frozen=True, slots=True)
class Shares:
    """What bodies pay, by `line_key`, in the order in which they pay; a line that is not there is the family's."""

    by_line: Mapping[str, tuple[CoveredLine, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, covered: Iterable[CoveredLine]) -> Shares:
        """Return the shares of covered lines, each counted once."""
        found: dict[str, dict[str, CoveredLine]] = defaultdict(dict)
        for each in covered:
            found[each.line_key][each.coverage_ref] = each
        return cls({key: tuple(shares.values()) for key, shares in found.items()})

    def cents(self, line: PricedLine) -> int:
        """Return what bodies pay of a line, in cents."""
        return sum(to_cents(each.amount) for each in self.by_line.get(line.line_key, ()))

    def by_body(self, lines: Iterable[PricedLine]) -> dict[str, int]:
        """Return what each body pays of some lines, in cents, by name."""
        found: dict[str, int] = defaultdict(int)
        for line in lines:
            for each in self.by_line.get(line.line_key, ()):
                found[each.body_name] += to_cents(each.amount)
        return dict(sorted(found.items()))

    def sentences(self, line: PricedLine) -> tuple[str, ...]:
        """Return who pays what of a line and what is left, in French; nothing when the family pays all of it."""
        shares = self.by_line.get(line.line_key, ())
        if not shares or line.amount is None:
            return ()
        said = [
            f"Pris en charge par {each.body_name} (décision {each.decision_number}) : "
            f"{euros(to_cents(each.amount))}."
            for each in shares
        ]
        left = to_cents(line.amount) - self.cents(line)
        return tuple(typeset(each) for each in [*said, f"Reste à la famille : {euros(left)}."])
