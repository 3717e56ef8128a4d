"""The people of the plan: what a family file will hold, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

PUPIL_LEVELS = ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")


@dataclass(frozen=True, slots=True)
class Human:
    """A person as given; `phone` is in the range that is reserved for fiction."""

    ref: str
    first_name: str
    last_name: str
    civility: str | None = None
    used_name: str | None = None
    birth_date: date | None = None
    email: str | None = None
    phone: str | None = None
    sex: str | None = None
    birth_commune_code: str | None = None
    birth_country_code: str | None = None

    @property
    def full_name(self) -> str:
        """« Léa Fournier »."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Adult:
    """A guardian or a contact of a family."""

    human: Human
    kinship: str
    pickup: str = "yes"


@dataclass(frozen=True, slots=True)
class PlannedPayer:
    """Who receives the invoices: a person of the family or a body."""

    ref: str
    person_ref: str | None
    body_name: str | None = None
    opening_cents: int = 0


@dataclass(frozen=True, slots=True)
class PlannedQf:
    """A QF from a day on; `payer_ref` None is the whole file."""

    effective_from: date
    value_e2: int
    source: str
    payer_ref: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedRegime:
    """The fund of the family; None in the family means nobody asked yet."""

    code: str
    caf_group: str
    allocataire_number: str


@dataclass(frozen=True, slots=True)
class PlannedCustody:
    """Which payer has the children each day of a fortnight, from `anchor_on`."""

    anchor_on: date
    pattern: str
    payer_refs: tuple[str, str]

    def payer_on(self, day: date) -> str:
        """Return the payer of a day."""
        return self.payer_refs[int(self.pattern[(day - self.anchor_on).days % 14]) - 1]


@dataclass(frozen=True, slots=True)
class PlannedChild:
    """A child: `level` is the index in PUPIL_LEVELS for the main school year (below 0: not at school yet).

    `class_refs` gives the class by school year; `diet` None is the ordinary menu.
    """

    human: Human
    level: int
    school: str
    class_refs: Mapping[str, str]
    badge_uid: str | None
    diet: tuple[str, str] | None = None
    health: tuple[tuple[str, str], ...] = ()

    @property
    def ref(self) -> str:
        """The person's ref."""
        return self.human.ref

    @property
    def meal_category(self) -> str:
        """The tariff category at the canteen."""
        return "panier_repas" if self.diet and self.diet[0] == "panier_repas" else "enfant"


@dataclass(frozen=True, slots=True)
class PlannedFamily:
    """A family file; `need` (0 to 1) is how much care its week asks for."""

    ref: str
    name: str
    commune: str
    former_commune: str | None
    guardians: tuple[Adult, ...]
    contacts: tuple[Adult, ...]
    children: tuple[PlannedChild, ...]
    payers: tuple[PlannedPayer, ...]
    qfs: tuple[PlannedQf, ...]
    regime: PlannedRegime | None
    custody: PlannedCustody | None
    need: float
    logins: tuple[tuple[str, str], ...] = field(default=())

    @property
    def is_shared(self) -> bool:
        """True when two payers share the children by a calendar."""
        return self.custody is not None


def level_in(main_level: int, main_year: int, year: int) -> int:
    """Return the level index in the school year that begins in `year`."""
    return main_level + year - main_year
