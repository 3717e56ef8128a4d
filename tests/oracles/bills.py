"""Everything a family is billed over some days: days, packages, contracts; imports nothing of Marelle."""

from __future__ import annotations

from datetime import date

from tests.oracles.contracts import contract_lines
from tests.oracles.packages import package_lines
from tests.oracles.pricing import Line, lines, order
from tests.oracles.world import Town


def all_lines(town: Town, first: date, last: date) -> list[Line]:
    """Return every line of the children of a town, by child, day, service, kind and payer."""
    found = lines(town, first, last) + package_lines(town, first, last) + contract_lines(town, first, last)
    return sorted(found, key=order)
