"""A small town made by the real operations: two schools, a leisure centre, three services, with fixed refs.

Its clock stands at 8:00 on Tuesday 24 November 2026. `make_town` needs empty, migrated records.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from domain.time import instant_at
from records.actors import SETUP
from records.database import Records
from records.models import Structure
from records.operations import collectivity, services, tariffs
from records.operations.services import NewFormula, NewRule, NewService

ZONE = "Europe/Paris"
START = date(2026, 9, 1)
END = date(2027, 7, 3)
TODAY = date(2026, 11, 24)  # a Tuesday
WEDNESDAY = date(2026, 11, 25)
HOLIDAY = date(2026, 10, 20)  # a Tuesday of the autumn holidays, zone A
NOW = instant_at(TODAY, 8 * 60, ZONE)
SCHOOL_DAYS = (0, 1, 3, 4)
WEEKDAYS_MASK = 0b0011011  # Monday, Tuesday, Thursday, Friday
WEDNESDAY_MASK = 0b0000100
SCHOOL, OTHER_SCHOOL, CENTRE = "ecole-tilleuls", "ecole-bourg", "centre"
CANTEEN, EVENING, LEISURE = "cantine", "garderie-soir", "mercredi"


@dataclass
class HandClock:
    """A clock that stands until it is moved, in microseconds UTC."""

    now: int = NOW

    def __call__(self) -> int:
        """Return the instant it was set to."""
        return self.now

    def set(self, minute: int, day: date = TODAY) -> int:
        """Move to a local minute of a day; returns the instant."""
        self.now = instant_at(day, minute, ZONE)
        return self.now


def make_town(records: Records) -> None:
    """Found the town: places, school year, classes, calendar of zone A, services with their rules."""
    _make_places(records)
    for service in (
        NewService(CANTEEN, "Cantine", "canteen", "periscolaire_midday"),
        NewService(EVENING, "Garderie du soir", "evening_care", "periscolaire_evening"),
        NewService(LEISURE, "Mercredi", "leisure_wednesday", "periscolaire_wednesday"),
    ):
        services.add_service(records, SETUP, service)
    services.offer_service(records, SETUP, CANTEEN, [SCHOOL, OTHER_SCHOOL], START)
    services.offer_service(records, SETUP, EVENING, [SCHOOL, OTHER_SCHOOL], START)
    services.offer_service(records, SETUP, LEISURE, [CENTRE], START)
    services.add_formula(records, SETUP, NewFormula(LEISURE, "matin", "Matin", 480, 720, 1, False))
    services.add_formula(records, SETUP, NewFormula(LEISURE, "journee", "Journée", 480, 1080, 2, True))
    for rule in (canteen_rule(), evening_rule(), leisure_rule()):
        services.add_rule(records, SETUP, rule)


def place_ids(records: Records) -> dict[str, int]:
    """Return the id of each place by its ref."""
    with records.read() as session:
        return {row.ref: row.id for row in session.execute(select(Structure.ref, Structure.id))}


def canteen_rule(**changes: object) -> NewRule:
    """The bill rests on the booking; no departure."""
    return _rule({
        "service_ref": CANTEEN,
        "weekday_mask": WEEKDAYS_MASK,
        "slot_start_minute": 690,
        "slot_end_minute": 810,
        "needs_departure": False,
        "bill_basis": "booking",
        "serves_meal": True,
        **changes,
    })  # fmt: skip


def evening_rule(**changes: object) -> NewRule:
    """The bill rests on presence, by the half hour begun, until the departure."""
    return _rule({
        "service_ref": EVENING,
        "weekday_mask": WEEKDAYS_MASK,
        "slot_start_minute": 990,
        "slot_end_minute": 1110,
        "needs_departure": True,
        "bill_basis": "presence",
        "serves_meal": False,
        **changes,
    })  # fmt: skip


def leisure_rule(**changes: object) -> NewRule:
    """Wednesdays in school weeks, by formula."""
    return _rule({
        "service_ref": LEISURE,
        "weekday_mask": WEDNESDAY_MASK,
        "slot_start_minute": 480,
        "slot_end_minute": 1080,
        "needs_departure": True,
        "bill_basis": "booking",
        "serves_meal": True,
        **changes,
    })  # fmt: skip


def canteen_tariff(**changes: object) -> tariffs.NewTariffVersion:
    """A whole price list for the canteen: two bands for « enfant », nothing for « panier_repas »."""
    rules = (
        tariffs.NewTariffRule("Panier repas", "panier_repas", amount_e4=0, unit="meal"),
        tariffs.NewTariffRule("QF sous 350", "enfant", qf_to_e2=35_000, amount_e4=22_000, unit="meal"),
        tariffs.NewTariffRule("QF à partir de 350", "enfant", qf_from_e2=35_000, amount_e4=28_000, unit="meal"),
    )
    fields = {
        "tariff_ref": "cantine",
        "service_ref": CANTEEN,
        "label": "Cantine",
        "valid_from": START,
        "decision": "Délibération 2026-41",
        "rules": rules,
    }
    return tariffs.NewTariffVersion(**{**fields, **changes})  # type: ignore[arg-type]


def _rule(fields: dict[str, object]) -> NewRule:
    common = {
        "valid_from": START,
        "decision": "Délibération 2026-12",
        "period": "school",
        "grace_minutes": 30,
        "anti_bounce_seconds": 120,
        "rounding_minutes": 30,
        "tolerance_minutes": 0,
        "undecided_default": "billed",
        "caf_hour_rule": "slot_full",
        "is_priced": True,
    }
    return NewRule(**{**common, **fields})  # type: ignore[arg-type]


def _make_places(records: Records) -> None:
    facts = collectivity.CollectivityFacts("Ville d'essai", ZONE, "A", "mairie@example.org", is_training=True)
    collectivity.set_collectivity(records, SETUP, facts)
    collectivity.add_structures(
        records,
        SETUP,
        [
            collectivity.NewStructure(SCHOOL, "École des Tilleuls", "school", ZONE, "Ville d'essai"),
            collectivity.NewStructure(OTHER_SCHOOL, "École du Bourg", "school", ZONE, "Ville d'essai"),
            collectivity.NewStructure(CENTRE, "Centre de loisirs", "leisure_centre", ZONE, "Ville d'essai"),
        ],
    )
    collectivity.add_school_years(records, SETUP, [collectivity.NewSchoolYear("2026-2027", START, END)])
    collectivity.add_classes(
        records,
        SETUP,
        [
            collectivity.NewClass("tilleuls-cp", SCHOOL, "2026-2027", "CP", "CP"),
            collectivity.NewClass("bourg-cp", OTHER_SCHOOL, "2026-2027", "CP", "CP"),
        ],
    )
    collectivity.import_calendar(records, SETUP, "A", START, END)
