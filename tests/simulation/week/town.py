"""The town of the simulation: two places in two time zones, a few children and badges. Lean, so that seeds are
fast."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from domain.time import instant_at, local_day
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records
from records.operations import collectivity, families
from records.operations.devices import NewBadge, NewDevice, assign_badges, register_device
from records.operations.services import NewService, add_service
from tests.factories.people import new_family
from tests.simulation.week.clocks import HOUR

YEAR_START, YEAR_END = date(2026, 9, 1), date(2027, 7, 3)
# An ordinary week, the week of a 25-hour Sunday and that of a 23-hour one (Europe/Paris).
MONDAYS = (date(2026, 11, 23), date(2026, 10, 19), date(2027, 3, 22))
NEW_BADGE_DAY = 2  # a badge handed out on the Wednesday of each week: known from that local day on
CANTEEN, EVENING = "cantine", "garderie-soir"
DEVICES = tuple(f"borne-{number}" for number in range(1, 13))
FIRST_NAMES = ("Lea", "Noe", "Ines")


@dataclass(frozen=True)
class Place:
    """A place, its civil time, its children and their badges."""

    ref: str
    zone: str
    children: tuple[str, ...]
    badges: tuple[str, ...]


def _children(family: str) -> tuple[str, ...]:
    return tuple(member.person_ref for member in new_family(family, children=FIRST_NAMES).members[1:])


PLACES = (
    Place("ecole-nord", "Europe/Paris", _children("Nord"), ("04A000000001", "04A000000002", "04A000000003")),
    Place("ecole-sud", "Indian/Reunion", _children("Sud"), ("04B000000001", "04B000000002", "04B000000003")),
)
UNKNOWN_BADGES = ("04FF00000001", "04FF00000002")


def hours_of_day(instant: int, zone: str) -> int:
    """Return how long the civil day of an instant is: 24 hours, but for two Sundays a year."""
    day = local_day(instant, zone)
    return (instant_at(day + timedelta(days=1), 0, zone) - instant_at(day, 0, zone)) // HOUR


def new_badge(monday: date) -> str:
    """Return the badge handed out on the Wednesday of a week."""
    return f"04C00000000{MONDAYS.index(monday)}"


def place_of_device(device_ref: str) -> Place:
    """Return where a terminal stands: odd ones in the north."""
    return PLACES[(int(device_ref.removeprefix("borne-")) + 1) % 2]


def badge_valid_from(badge_uid: str) -> date | None:
    """Return the first day of a badge, None for one that nobody has."""
    if badge_uid in (badge for place in PLACES for badge in place.badges):
        return YEAR_START
    for monday in MONDAYS:
        if badge_uid == new_badge(monday):
            return monday + timedelta(days=NEW_BADGE_DAY)
    return None


def make_template(path: Path) -> Path:
    """Make the records of the town, to be copied for each seed."""
    url = f"sqlite:///{path}"
    migrations.upgrade(url)
    records = open_records(url, lambda: instant_at(YEAR_START, 480, PLACES[0].zone))
    _fill(records)
    records.close()
    return path


def _fill(records: Records) -> None:
    facts = collectivity.CollectivityFacts("Ville d'essai", PLACES[0].zone, "A", "mairie@example.org", True)
    collectivity.set_collectivity(records, SETUP, facts)
    places = [
        collectivity.NewStructure(place.ref, f"École {place.ref}", "school", place.zone, "Ville d'essai")
        for place in PLACES
    ]
    collectivity.add_structures(records, SETUP, places)
    collectivity.add_school_years(records, SETUP, [collectivity.NewSchoolYear("2026-2027", YEAR_START, YEAR_END)])
    classes = [collectivity.NewClass(f"{place.ref}-cp", place.ref, "2026-2027", "CP", "CP") for place in PLACES]
    collectivity.add_classes(records, SETUP, classes)
    for ref, label, kind, caf in (
        (CANTEEN, "Cantine", "canteen", "periscolaire_midday"),
        (EVENING, "Garderie du soir", "evening_care", "periscolaire_evening"),
    ):
        add_service(records, SETUP, NewService(ref, label, kind, caf))
    for place, name in zip(PLACES, ("Nord", "Sud"), strict=True):
        family = new_family(name, children=FIRST_NAMES, class_ref=f"{place.ref}-cp")
        families.create_family(records, SETUP, family)
    badges = [
        NewBadge(badge, child, YEAR_START)
        for place in PLACES
        for badge, child in zip(place.badges, place.children, strict=True)
    ]
    badges += [
        NewBadge(new_badge(monday), PLACES[0].children[0], monday + timedelta(days=NEW_BADGE_DAY))
        for monday in MONDAYS
    ]
    assign_badges(records, SETUP, badges)
    for ref in DEVICES:
        register_device(records, SETUP, NewDevice(ref, ref, place_of_device(ref).ref, "badge"))
