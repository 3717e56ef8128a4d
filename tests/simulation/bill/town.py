"""One small town per world: a school, a leisure centre, a day nursery, six children, and the demo town's rules.

The same town is written twice: bare, for the server that the terminals of one world talk to, and once per twin of
each world, with refs of its own, into the records that the warehouse computes. Enrolments, bookings, QF and payers
are drawn from the world's seed; what stands at the terminals (places, children, badges, devices) never changes.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from demo.calendar import period
from demo.reference import write_collectivity, write_services
from demo.source import ServiceData, StructureData, TownData, town_data
from records.actors import SETUP
from records.database import Records
from records.operations import collectivity, enrolments, families, services
from records.operations.bookings import NewBooking, add_bookings
from records.operations.devices import NewBadge, NewDevice, assign_badges, register_device
from records.operations.enrolments import NewEnrolment, NewEnrolmentPayer, NewPattern

MONDAY = date(2026, 11, 23)
START, END = date(2026, 11, 16), date(2027, 7, 3)
SCHOOL, CENTRE, NURSERY = "ecole", "centre", "halte"
PLACES = {SCHOOL: "school", CENTRE: "leisure_centre", NURSERY: "daycare"}
MORNING, CANTEEN, EVENING, WEDNESDAY, DAYCARE = (
    "garderie-matin",
    "cantine",
    "garderie-soir",
    "mercredi",
    "halte-garderie",
)
PLACE_OF = {MORNING: SCHOOL, CANTEEN: SCHOOL, EVENING: SCHOOL, WEDNESDAY: CENTRE, DAYCARE: NURSERY}
# Where the terminals stand, in their order, and the spare devices that one may be enrolled again as.
DEVICES = {"borne-ecole": SCHOOL, "tablette-ecole": SCHOOL, "borne-centre": CENTRE, "tablette-halte": NURSERY}
SPARES = {"autre-ecole": SCHOOL, "autre-centre": CENTRE, "autre-halte": NURSERY}
_BORN = (
    date(2018, 5, 4),
    date(2020, 11, 24),
    date(2019, 2, 1),
    date(2017, 7, 14),
    date(2021, 1, 9),
    date(2024, 3, 2),
)
CHILDREN = len(_BORN)
PUPILS, INFANTS = range(1, 6), range(5, 7)  # the fifth child goes to both
_FAMILIES = {"a": (1, 2), "b": (3,), "c": (4,), "d": (5, 6)}
_SHARED = "b"  # two payers, a week each
_QF = (None, 0, 34_999, 35_000, 59_999, 60_000, 120_000)
_WEEKDAYS = {
    MORNING: (0, 1, 3, 4),
    CANTEEN: (0, 1, 3, 4),
    EVENING: (0, 1, 3, 4),
    WEDNESDAY: (2,),
    DAYCARE: range(5),
}
_FORMULAS = (None, "matin", "matin-repas", "apres-midi", "journee", "journee-repas")
_DIETS = (None, None, "sans_porc", "panier_repas")


@dataclass(frozen=True)
class Site:
    """One copy of the town: `prefix` begins each of its refs, `number` is inside its badges."""

    prefix: str
    number: int
    seed: str

    def ref(self, name: str) -> str:
        """Return this copy's own ref."""
        return f"{self.prefix}{name}"

    def badge(self, child: int) -> str:
        """Return a child's badge; number 255 belongs to nobody."""
        return f"04{self.number:06X}{child:02X}"


BARE = Site("", 0, "")
STRANGER = 255


def child_ref(child: int) -> str:
    """Return the ref of a child in the bare town."""
    return f"enfant-{child}"


def write_bare(records: Records) -> None:
    """Write what the terminals and their server know of the town."""
    _write_places(records, [BARE])
    families.create_families(records, SETUP, _families(BARE))
    _write_badges(records, [BARE])
    for ref, place in (*DEVICES.items(), *SPARES.items()):
        register_device(records, SETUP, NewDevice(ref, ref, place, "badge"))


def write_sites(records: Records, sites: Sequence[Site]) -> None:
    """Write copies of the town, each with the enrolments, bookings, QF and payers of its seed."""
    _write_places(records, sites)
    families.create_families(records, SETUP, [family for site in sites for family in _families(site)])
    _write_badges(records, sites)
    enrolled = {site: _enrolments(site) for site in sites}
    enrolments.enrol_all(records, SETUP, [one for each in enrolled.values() for one in each])
    booked = [one for site, each in enrolled.items() for one in _bookings(site, each)]
    add_bookings(records, SETUP, booked)


def _write_places(records: Records, sites: Sequence[Site]) -> None:
    town = _town(sites)
    calendar = write_collectivity(records, town, MONDAY)
    collectivity.add_school_years(records, SETUP, [collectivity.NewSchoolYear("2026-2027", START, END)])
    write_services(records, replace(town, services=tuple(replace(one, places=()) for one in town.services)),
                   period(calendar, MONDAY, 1))  # fmt: skip
    for service in town.services:
        services.offer_service(records, SETUP, service.ref, service.places, START)


def _town(sites: Sequence[Site]) -> TownData:
    """Return the demo town's rules and prices at the places of these sites."""
    town = town_data()
    found = tuple(
        StructureData(site.ref(place), site.ref(place), place, kind, "Ville d'essai", None, 0, ())
        for site in sites
        for place, kind in PLACES.items()
    )

    def offered(service: ServiceData) -> ServiceData:
        return replace(service, places=tuple(site.ref(PLACE_OF[service.ref]) for site in sites))

    return replace(town, structures=found, services=tuple(offered(service) for service in town.services))


def _write_badges(records: Records, sites: Sequence[Site]) -> None:
    badges = [
        NewBadge(site.badge(child), site.ref(child_ref(child)), START)
        for site in sites
        for child in range(1, CHILDREN + 1)
    ]
    assign_badges(records, SETUP, badges)


def _families(site: Site) -> list[families.NewFamily]:
    chance = random.Random(f"{site.seed}/families")
    return [_family(site, name, children, chance) for name, children in _FAMILIES.items()]


def _family(site: Site, name: str, children: Sequence[int], chance: random.Random) -> families.NewFamily:
    adults = _adults(site, name)
    payers = [f"{adult}-payeur" for adult in adults]
    members = [families.NewMember(families.NewPerson(ref, ref, name), "guardian") for ref in adults]
    members += [_child(site, child, chance) for child in children]
    qf = chance.choice(_QF)
    pattern = "".join(chance.choice("12") for _ in range(14))
    shared = [site.ref(child_ref(child)) for child in children if name == _SHARED]
    return families.NewFamily(
        is_known_apart=True,
        ref=site.ref(f"famille-{name}"),
        name=name,
        commune="Ville d'essai",
        valid_from=START,
        members=tuple(members),
        payers=tuple(families.NewPayer(f"{adult}-payeur", person_ref=adult) for adult in adults),
        qfs=() if qf is None else (families.NewQf(qf, "caf", START),),
        regime=families.NewRegime("general", chance.choice(("RG", "MSA")), START),
        custody=tuple(families.NewCustodyCalendar(ref, START, START, pattern, *payers) for ref in shared),
    )


def _child(site: Site, child: int, chance: random.Random) -> families.NewMember:
    ref, diet = site.ref(child_ref(child)), chance.choice(_DIETS)
    person = families.NewPerson(ref, ref, "Essai", birth_date=_BORN[child - 1])
    return families.NewMember(person, "child", diets=(families.NewDiet(diet, diet, START),) if diet else ())


def _enrolments(site: Site) -> list[NewEnrolment]:
    """Draw who is enrolled where; now and then somebody who comes is not."""
    chance = random.Random(f"{site.seed}/enrolments")
    wanted = [(service, child) for service in PLACE_OF for child in (INFANTS if service == DAYCARE else PUPILS)]
    return [_enrolment(site, service, child, chance) for service, child in wanted if chance.random() < 0.9]


def _enrolment(site: Site, service: str, child: int, chance: random.Random) -> NewEnrolment:
    family = next(name for name, children in _FAMILIES.items() if child in children)
    formula = chance.choice(_FORMULAS) if service == WEDNESDAY else None
    weekdays = [weekday for weekday in _WEEKDAYS[service] if chance.random() < 0.8]
    rule = "custody" if family == _SHARED else "all"
    return NewEnrolment(
        ref=site.ref(f"{child_ref(child)}-{service}"),
        person_ref=site.ref(child_ref(child)),
        service_ref=service,
        structure_ref=site.ref(PLACE_OF[service]),
        category="enfant",
        valid_from=MONDAY,
        valid_to=None,
        patterns=tuple(NewPattern(weekday, formula) for weekday in weekdays),
        payers=tuple(NewEnrolmentPayer(f"{adult}-payeur", rule) for adult in _adults(site, family)),
    )


def _bookings(site: Site, enrolled: Sequence[NewEnrolment]) -> list[NewBooking]:
    """Draw what the families said of the week, day by day."""
    chance = random.Random(f"{site.seed}/bookings")
    return [
        NewBooking(
            each.person_ref,
            each.service_ref,
            each.structure_ref,
            MONDAY + timedelta(days=weekday),
            "counter",
            START,
            action=chance.choice(("book", "cancel", "absence")),
        )
        for each in enrolled
        for weekday in _WEEKDAYS[each.service_ref]
        if chance.random() < 0.2
    ]


def _adults(site: Site, family: str) -> list[str]:
    return [site.ref(f"adulte-{family}{number}") for number in ((1, 2) if family == _SHARED else (1,))]
