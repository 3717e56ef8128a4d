"""What the Filoué file says of a child: no name, figures of a year, and where its family lives (CAF notes §3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.money import round_half_up


@dataclass(frozen=True, slots=True)
class FiloueFigures:
    """The year of a child at a place: hours, euros billed to the family, its rate in percent.

    `regime_group` is that of the last day that counts there; None: no fund is recorded.
    """

    child_ref: str
    billed_hours: Decimal
    realised_hours: Decimal
    billed_amount: Decimal
    effort_rate: Decimal | None
    regime_group: str | None


@dataclass(frozen=True, slots=True)
class FiloueChild:
    """A row of the file; `effort_rate` in percent keeps its four decimals."""

    caf_office_code: str
    caf_file_number: str
    idequ: str | None
    allocataire_number: str | None
    regime_group: str
    birth_date: date
    postcode: str
    commune: str
    billed_hours: Decimal
    realised_hours: Decimal
    billed_amount: Decimal
    effort_rate: Decimal
    first_day: date
    last_day: date

    @property
    def is_allocataire(self) -> bool:
        """Whether the family has a number at the fund."""
        return bool(self.allocataire_number)

    @property
    def hourly_amount(self) -> Decimal:
        """What an hour was billed, in euros; 0 without an hour, as the file asks."""
        return round_half_up(self.billed_amount / self.billed_hours) if self.billed_hours else Decimal(0)
