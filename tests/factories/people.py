"""Families, enrolments, badges, taps and accounts of `tests.factories.town`, by traits; refs follow from names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from domain.names import search_key
from domain.time import instant_at
from records.actors import SETUP, Actor
from records.database import Records
from records.operations import account_links, accounts, bookings, devices, enrolments, families
from records.operations.tap_rows import TapBatch
from records.operations.taps import TapStore
from tests.factories.ingest import Terminal
from tests.factories.town import CANTEEN, NOW, SCHOOL, SCHOOL_DAYS, START, TODAY, ZONE
from tests.factories.wire import batch_body, identity, make_tap, read_batch

CHEAP = accounts.PasswordCost(passes=1, memory_kib=8, lanes=1)
PASSWORD = "Un mot de passe d'essai"
CYCLE_MONDAY = date(2026, 8, 31)


@dataclass(frozen=True)
class FamilyRefs:
    """What a test needs to name the people of a family."""

    ref: str
    guardians: tuple[str, ...]
    children: tuple[str, ...]
    payers: tuple[str, ...]

    @property
    def child(self) -> str:
        """The first child."""
        return self.children[0]


def new_family(
    name: str = "Fournier", *, children: tuple[str, ...] = ("Léa",), **traits: object
) -> families.NewFamily:
    """Return the file of a family, not yet created.

    Traits: `qf_e2` (None = 9999), `guardians` (1 or 2, each a payer), `class_ref`, `diet`, `regime`.
    """
    ref = _ref(name)
    adults = tuple(f"{ref}-adulte-{number}" for number in range(1, int(str(traits.get("guardians", 1))) + 1))
    members = [
        families.NewMember(families.NewPerson(adult, f"Adulte {number}", name, civility="Madame"), "guardian")
        for number, adult in enumerate(adults, 1)
    ]
    members += [_child(ref, name, first_name, number, traits) for number, first_name in enumerate(children)]
    qf = traits.get("qf_e2")
    return families.NewFamily(
        is_known_apart=True,
        ref=ref,
        name=name,
        commune="Ville d'essai",
        valid_from=START,
        members=tuple(members),
        payers=tuple(families.NewPayer(f"{adult}-payeur", person_ref=adult) for adult in adults),
        qfs=() if qf is None else (families.NewQf(int(str(qf)), "caf", START),),
        regime=families.NewRegime("general", str(traits.get("regime", "RG")), START),
    )


def a_family(
    records: Records, name: str = "Fournier", *, children: tuple[str, ...] = ("Léa",), **traits: object
) -> FamilyRefs:
    """Create a family (traits of `new_family`); returns its refs."""
    family = new_family(name, children=children, **traits)
    families.create_family(records, SETUP, family)
    return FamilyRefs(
        family.ref,
        tuple(member.person_ref for member in family.members if member.role == "guardian"),
        tuple(member.person_ref for member in family.members if member.role == "child"),
        tuple(payer.ref for payer in family.payers),
    )


def new_enrolment(family: FamilyRefs, service_ref: str = CANTEEN, **changes: object) -> enrolments.NewEnrolment:
    """Return the enrolment of the family's first child on school days, paid by the first payer."""
    fields = {
        "ref": f"{family.child}-{service_ref}",
        "person_ref": family.child,
        "service_ref": service_ref,
        "structure_ref": SCHOOL,
        "category": "enfant",
        "valid_from": START,
        "valid_to": None,
        "patterns": tuple(enrolments.NewPattern(weekday) for weekday in SCHOOL_DAYS),
        "payers": (enrolments.NewEnrolmentPayer(family.payers[0]),),
    }
    return enrolments.NewEnrolment(**{**fields, **changes})  # type: ignore[arg-type]


def an_enrolment(records: Records, family: FamilyRefs, service_ref: str = CANTEEN, **changes: object) -> int:
    """Enrol the family's first child; returns the enrolment's id."""
    return enrolments.enrol(records, SETUP, new_enrolment(family, service_ref, **changes))


def new_custody(family: FamilyRefs, **changes: object) -> families.NewCustodyCalendar:
    """Return the calendar that shares the first child between the two payers, a week each."""
    calendar = families.NewCustodyCalendar(
        family.child, START, CYCLE_MONDAY, "11111112222222", family.payers[0], family.payers[1]
    )
    return replace(calendar, **changes)  # type: ignore[arg-type]


def new_booking(family: FamilyRefs, day: date = TODAY, **changes: object) -> bookings.NewBooking:
    """Return one word on the canteen of a day, for the first child."""
    booking = bookings.NewBooking(family.child, CANTEEN, SCHOOL, day, "counter", TODAY)
    return replace(booking, **changes)  # type: ignore[arg-type]


def a_badge(records: Records, child_ref: str, badge_uid: str = "04A1B2C3", valid_from: date = START) -> str:
    """Give a badge to a child; returns its UID."""
    devices.assign_badges(records, SETUP, [devices.NewBadge(badge_uid, child_ref, valid_from)])
    return badge_uid


def a_terminal(records: Records, ref: str = "borne-1", structure_ref: str = SCHOOL) -> Terminal:
    """Register and enrol a terminal."""
    code = devices.register_device(records, SETUP, devices.NewDevice(ref, f"Borne {ref}", structure_ref, "badge"))
    enrolled = devices.enrol_device(records, code)
    return Terminal(enrolled.device_id, enrolled.device_ref, enrolled.token)


def a_tap(records: Records, terminal: Terminal, minute: int, day: date = TODAY, **fields: object) -> str:
    """Keep one tap as the ingest does, received at once; returns its id. `fields` name its subject."""
    occurred_at = instant_at(day, minute, ZONE)
    epoch = identity("epoch", terminal.device_ref, day, minute, sorted(fields.items(), key=str))
    tap = make_tap(1, epoch, **{"badge_uid": None, "occurred_at": occurred_at, **fields})
    batch = TapBatch(terminal.device_id, terminal.token_hash, read_batch(batch_body([tap])), occurred_at)
    answer = TapStore(records).keep(batch).answers[0]
    assert answer.status == "stored", answer
    return tap.tap_id


def kept(
    records: Records, terminal: Terminal, minutes: Mapping[int, int], day: date = TODAY, **fields: object
) -> list[str]:
    """Keep taps of one epoch, minute by seq, received after the last; returns their ids.

    `epoch` and `received_at` may be given.
    """
    epoch = str(fields.pop("epoch", identity("epoch", terminal.device_ref, day)))
    moments = {seq: instant_at(day, minute, ZONE) for seq, minute in minutes.items()}
    received_at = int(str(fields.pop("received_at", max(moments.values()))))
    taps = [
        make_tap(seq, epoch, **{"badge_uid": "04FFFF", "occurred_at": occurred_at, **fields})
        for seq, occurred_at in moments.items()
    ]
    batch = terminal.batch(taps, received_at)
    assert {answer.status for answer in TapStore(records).keep(batch).answers} == {"stored"}
    return [tap.tap_id for tap in taps]


def a_hole(records: Records, terminal: Terminal, before: int = 990, after: int = 1050, day: date = TODAY) -> None:
    """Keep the first and the third tap of an epoch: the second is missing between these minutes."""
    kept(records, terminal, {1: before, 3: after}, day)


def an_account(
    records: Records,
    login: str = "claire",
    *roles: str,
    person_ref: str | None = None,
    structure_ref: str | None = None,
) -> accounts.NewAccount:
    """Create an account with roles in force from the start; returns what was asked."""
    grants = tuple(accounts.NewGrant(role, START, structure_ref=structure_ref) for role in roles)
    account = accounts.NewAccount(login, login.capitalize(), PASSWORD, grants, person_ref)
    accounts.create_account(records, SETUP, account, CHEAP)
    return account


def logged_in(records: Records, login: str = "claire", now: int = NOW) -> Actor:
    """Log an account in; returns who acts."""
    return accounts.log_in(records, login, PASSWORD, now)[1]


def token_of(link: account_links.SentLink) -> str:
    """Return the token of a link that a command on the server printed."""
    assert link.token is not None
    return link.token


def _ref(name: str) -> str:
    return search_key(name).lower().replace(" ", "-")


def _child(
    family_ref: str, name: str, first_name: str, number: int, traits: dict[str, object]
) -> families.NewMember:
    class_ref, diet = traits.get("class_ref", "tilleuls-cp"), traits.get("diet")
    return families.NewMember(
        families.NewPerson(
            f"{family_ref}-{_ref(first_name)}", first_name, name, birth_date=date(2020 - number, 3, 2)
        ),
        "child",
        classes=(families.NewClassMembership(str(class_ref), START),) if class_ref else (),
        diets=(families.NewDiet(str(diet), str(diet), START),) if diet else (),
    )
