"""A small town on a fixed Tuesday, for the pages: separated parents, another family, staff of several roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from domain.time import instant_at
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records
from records.operations import accounts, collectivity, devices, enrolments, families, ledger, services, tariffs
from records.operations.tap_rows import TapBatch
from records.operations.taps import TapStore
from tests.factories.ingest import HandClock, Terminal
from tests.factories.wire import batch_body, identity, make_tap, read_batch

ZONE = "Europe/Paris"
START = date(2026, 9, 1)
MONDAY, TODAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 26)
PASSWORD = "Quatre cases et un palet"
LEA_BADGE, NOE_BADGE, INES_BADGE = "04A1B2C3D4E5F6", "0A000003E8", "04FFEEDDCCBBAA"
# Quick to compute: these tests are not about guessing passwords.
CHEAP = accounts.PasswordCost(passes=1, memory_kib=8, lanes=1)
WEEK = tuple(enrolments.NewPattern(weekday=weekday) for weekday in (0, 1, 3, 4))


@dataclass
class Town:
    """Open records of the town, their clock, and its terminals."""

    records: Records
    clock: HandClock
    terminals: dict[str, Terminal] = field(default_factory=dict)
    seq: int = 0

    def at(self, minute: int, day: date = TODAY) -> None:
        """Move the clock to a local minute of a day."""
        self.clock.now = instant_at(day, minute, ZONE)

    def tap(self, terminal: str, badge_uid: str, minute: int, day: date = TODAY) -> None:
        """Keep one badge tap as the ingest does, received a minute after."""
        self.seq += 1
        occurred_at = instant_at(day, minute, ZONE)
        tap = make_tap(
            self.seq, identity("epoch", terminal, day, self.seq), badge_uid=badge_uid, occurred_at=occurred_at
        )
        device = self.terminals[terminal]
        batch = TapBatch(
            device.device_id, device.token_hash, read_batch(batch_body([tap])), occurred_at + 60_000_000
        )
        answer = TapStore(self.records).keep(batch).answers[0]
        assert answer.status == "stored", answer


def found_town(url: str) -> None:
    """Create the town in empty records, through the operations alone."""
    migrations.upgrade(url)
    records = open_records(url, HandClock(instant_at(START, 600, ZONE)))
    for found in (_places, _services, _families, _enrolments, _people_who_log_in):
        found(records)
    records.close()


def open_town(url: str, terminals: Mapping[str, Mapping[str, Any]] | None = None) -> Town:
    """Open a copy of the town on its Tuesday, at noon; enrols a terminal at each school unless given known ones."""
    clock = HandClock(instant_at(TODAY, 12 * 60, ZONE))
    town = Town(open_records(url, clock), clock)
    if terminals is not None:
        town.terminals = {ref: Terminal(**facts) for ref, facts in terminals.items()}
        return town
    for ref in ("tilleuls", "bourg"):
        new = devices.NewDevice(f"borne-{ref}", f"Borne {ref}", ref, "badge")
        enrolled = devices.enrol_device(town.records, devices.register_device(town.records, SETUP, new))
        town.terminals[ref] = Terminal(enrolled.device_id, enrolled.device_ref, enrolled.token)
    return town


def _places(records: Records) -> None:
    facts = collectivity.CollectivityFacts("Val-d'Essai", ZONE, "A", "02 00 00 00 00", is_training=True)
    collectivity.set_collectivity(records, SETUP, facts)
    school = partial(collectivity.NewStructure, kind="school", timezone=ZONE, commune="Val-d'Essai")
    places = [school(ref="tilleuls", name="École des Tilleuls"), school(ref="bourg", name="École du Bourg")]
    collectivity.add_structures(records, SETUP, places)
    collectivity.add_school_years(records, SETUP, [collectivity.NewSchoolYear("2026", START, date(2027, 7, 4))])
    collectivity.import_calendar(records, SETUP, "A", START, date(2027, 7, 4))
    room = partial(collectivity.NewClass, school_year_ref="2026")
    classes = [
        room(ref="ce1", structure_ref="tilleuls", name="CE1", level="CE1"),
        room(ref="ps", structure_ref="tilleuls", name="Petite section", level="PS"),
        room(ref="cp", structure_ref="bourg", name="CP", level="CP"),
    ]
    collectivity.add_classes(records, SETUP, classes)


def _services(records: Records) -> None:
    facts = [
        ("cantine", "Cantine", "canteen", "periscolaire_midday", (690, 810), "booking"),
        ("garderie-soir", "Garderie du soir", "evening_care", "periscolaire_evening", (990, 1110), "presence"),
    ]
    for ref, label, kind, caf_kind, (start, end), basis in facts:
        services.add_service(records, SETUP, services.NewService(ref, label, kind, caf_kind))
        services.offer_service(records, SETUP, ref, ["tilleuls", "bourg"], START)
        rule = services.NewRule(
            service_ref=ref,
            valid_from=START,
            decision="Règlement d'essai",
            period="school",
            weekday_mask=0b0011011,
            slot_start_minute=start,
            slot_end_minute=end,
            grace_minutes=15,
            anti_bounce_seconds=300,
            needs_departure=basis == "presence",
            rounding_minutes=30,
            tolerance_minutes=0,
            bill_basis=basis,
            undecided_default="billed" if basis == "booking" else "no_line",
            caf_hour_rule="slot_full",
            serves_meal=basis == "booking",
            is_priced=True,
        )
        services.add_rule(records, SETUP, rule)
    meal, half_hour = partial(tariffs.NewTariffRule, unit="meal"), partial(tariffs.NewTariffRule, unit="unit_begun")
    grids = {
        "cantine": (
            meal("Enfant, QF de moins de 350", amount_e4=22_000, qf_to_e2=35_000),
            meal("Enfant", amount_e4=28_000, qf_from_e2=35_000),
        ),
        "garderie-soir": (
            half_hour("QF de moins de 600", amount_e4=6_000, qf_to_e2=60_000),
            half_hour("QF de 600 et plus", amount_e4=9_000, qf_from_e2=60_000),
        ),
    }
    for ref, rules in grids.items():
        version = tariffs.NewTariffVersion(f"tarif-{ref}", ref, "Tarif 2026", START, "Délibération 2026-41", rules)
        tariffs.publish_tariff(records, SETUP, version)


def _families(records: Records) -> None:
    person, member = families.NewPerson, families.NewMember

    def child(ref: str, first_name: str, last_name: str, room: str) -> families.NewMember:
        born = date(2019, 3, 8)
        return member(
            person(ref, first_name, last_name, birth_date=born),
            "child",
            classes=(families.NewClassMembership(room, START),),
        )

    claire = person("claire", "Claire", "Martin", used_name="Fournier", civility="Madame")
    fournier = families.NewFamily(
        is_known_apart=True,
        ref="fournier",
        name="Fournier",
        commune="Val-d'Essai",
        valid_from=START,
        members=(
            member(claire, "guardian", "mère"),
            member(person("paul", "Paul", "Fournier", civility="Monsieur"), "guardian", "père"),
            child("lea", "Léa", "Fournier", "ce1"),
            child("noe", "Noé", "Fournier", "ps"),
        ),
        payers=(families.NewPayer("payeur-claire", "claire"), families.NewPayer("payeur-paul", "paul")),
        qfs=(
            families.NewQf(74_200, "caf", START, "payeur-claire"),
            families.NewQf(30_000, "caf", START, "payeur-paul"),
        ),
        regime=families.NewRegime("general", "RG", START),
        # Monday 23 November begins one of Paul's weeks.
        custody=(
            families.NewCustodyCalendar(
                "lea", START, date(2026, 11, 23), "2222222" + "1111111", "payeur-claire", "payeur-paul"
            ),
        ),
    )
    belkacem = families.NewFamily(
        is_known_apart=True,
        ref="belkacem",
        name="Belkacem",
        commune="Val-d'Essai",
        valid_from=START,
        members=(
            member(person("nora", "Nora", "Belkacem"), "guardian"),
            member(person("samir", "Samir", "Belkacem"), "guardian"),
            child("ines", "Inès", "Belkacem", "cp"),
        ),
        payers=(families.NewPayer("payeur-nora", "nora"),),
        qfs=(families.NewQf(None, "default", START),),
    )
    families.create_families(records, SETUP, [fournier, belkacem])


def _enrolments(records: Records) -> None:
    def enrolled(
        child: str, service: str, place: str, payers: tuple[enrolments.NewEnrolmentPayer, ...]
    ) -> enrolments.NewEnrolment:
        return enrolments.NewEnrolment(
            f"{child}-{service}", child, service, place, "enfant", START, None, WEEK, payers
        )

    payer = enrolments.NewEnrolmentPayer
    both = (payer("payeur-claire", "custody"), payer("payeur-paul", "custody"))
    enrolments.enrol_all(
        records,
        SETUP,
        [
            enrolled("lea", "cantine", "tilleuls", both),
            enrolled("lea", "garderie-soir", "tilleuls", (payer("payeur-claire"),)),
            enrolled("noe", "cantine", "tilleuls", (payer("payeur-claire"),)),
            enrolled("ines", "cantine", "bourg", (payer("payeur-nora"),)),
        ],
    )
    badges = [(LEA_BADGE, "lea"), (NOE_BADGE, "noe"), (INES_BADGE, "ines")]
    devices.assign_badges(records, SETUP, [devices.NewBadge(uid, child, START) for uid, child in badges])
    entries = [
        ledger.NewEntry("payeur-claire", "invoice", 8640, "Facture d'octobre", date(2026, 11, 18)),
        ledger.NewEntry("payeur-paul", "payment", -1200, "Trop versé", date(2026, 11, 2)),
    ]
    ledger.add_entries(records, SETUP, entries)


def _people_who_log_in(records: Records) -> None:
    everyone = (
        ("claire@exemple.test", "Claire Fournier", "family", "claire", None),
        ("paul@exemple.test", "Paul Fournier", "family", "paul", None),
        ("nora@exemple.test", "Nora Belkacem", "family", "nora", None),
        ("samir@exemple.test", "Samir Belkacem", "family", "samir", None),
        ("coordination", "Amina Benali", "coordinator", None, None),
        ("animation", "Jules Petit", "agent", None, "bourg"),
        ("cuisine", "Odile Roux", "kitchen", None, None),
        ("finances", "Marc Leroy", "finance", None, None),
        ("elue", "Anne Morel", "elected", None, None),
    )
    new = [
        accounts.NewAccount(
            login, name, PASSWORD, (accounts.NewGrant(role, START, structure_ref=place),), person_ref
        )
        for login, name, role, person_ref, place in everyone
    ]
    accounts.create_accounts(records, SETUP, new, CHEAP)
