"""A small town whose clock says about noon whenever the test runs, so that real processes work on real time.

One place, two services open every day around noon: a canteen (the bill rests on the prévision) and an
evening care (the bill rests on presence). Léa has a planned meal and an
NFC badge; Noé a 125 kHz badge and evening care only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from domain.time import local_day
from records import migrations
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.operations import accounts, collectivity, devices, enrolments, families, services, tariffs
from records.operations.family_facts import NewQf, NewRegime

LEA_BADGE = "04A1B2C3D4E5F6"
NOE_BADGE = "0A000003E8"
PASSWORD = "Marelle du matin, 12 cases"
EVERY_DAY = 127
CANTEEN_SLOT = (11 * 60, 13 * 60)  # the town's clock says about noon
EVENING_SLOT = (9 * 60, 15 * 60)


@dataclass(frozen=True)
class Town:
    """What the test needs to know of the town."""

    home: Path
    records: Records
    timezone: str
    today: date
    canteen_code: str
    evening_code: str


def zone_where_it_is_noon() -> str:
    """Return a fixed-offset zone whose local time is between 11:30 and 12:30: no midnight falls inside the test."""
    now = datetime.now(UTC)
    ahead = round(12 - (now.hour + now.minute / 60))
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"  # POSIX signs: GMT-2 is two hours ahead


def found_town(home: Path) -> Town:
    """Create the town in an empty MARELLE_HOME through the operations alone."""
    url = records_url(home)
    migrations.upgrade(url)
    records = open_records(url)
    zone = zone_where_it_is_noon()
    today = local_day(records.clock(), zone)
    begin = today - timedelta(days=30)
    _places(records, zone, begin)
    _services(records, begin)
    _family(records, begin)
    _people_who_log_in(records, begin)
    codes = [
        devices.register_device(
            records, SETUP, devices.NewDevice(f"borne-{name}", f"Borne {name}", "ecole", "badge")
        )
        for name in ("cantine", "soir")
    ]
    return Town(home, records, zone, today, *codes)


def _places(records: Records, zone: str, begin: date) -> None:
    collectivity.set_collectivity(
        records, SETUP, collectivity.CollectivityFacts("Ville d'essai", zone, "A", "Mairie, 02 00 00 00 00")
    )
    collectivity.add_structures(
        records, SETUP, [collectivity.NewStructure("ecole", "École des Essais", "school", zone, "Ville d'essai")]
    )
    year = collectivity.NewSchoolYear("annee", begin - timedelta(days=60), begin + timedelta(days=300))
    collectivity.add_school_years(records, SETUP, [year])
    collectivity.add_classes(records, SETUP, [collectivity.NewClass("ce1", "ecole", "annee", "CE1", "CE1")])


def _services(records: Records, begin: date) -> None:
    services.add_service(
        records, SETUP, services.NewService("cantine", "Cantine", "canteen", "periscolaire_midday")
    )
    services.add_service(
        records,
        SETUP,
        services.NewService("garderie-soir", "Garderie du soir", "evening_care", "periscolaire_evening"),
    )
    for ref in ("cantine", "garderie-soir"):
        services.offer_service(records, SETUP, ref, ["ecole"], begin)
    services.add_rule(records, SETUP, _rule("cantine", begin, is_meal=True))
    services.add_rule(records, SETUP, _rule("garderie-soir", begin, is_meal=False))
    meal = tariffs.NewTariffRule("Enfant", amount_e4=28_000, unit="meal")
    half_hour = tariffs.NewTariffRule("Toutes familles", amount_e4=7_500, unit="unit_begun")
    for ref, rule in (("cantine", meal), ("garderie-soir", half_hour)):
        version = tariffs.NewTariffVersion(
            f"tarif-{ref}", ref, f"Tarif {ref}", begin, "Délibération d'essai", (rule,)
        )
        tariffs.publish_tariff(records, SETUP, version)


def _rule(service_ref: str, begin: date, *, is_meal: bool) -> services.NewRule:
    start, end = CANTEEN_SLOT if is_meal else EVENING_SLOT
    return services.NewRule(
        service_ref=service_ref,
        valid_from=begin,
        decision="Règlement d'essai",
        period="any",
        weekday_mask=EVERY_DAY,
        slot_start_minute=start,
        slot_end_minute=end,
        grace_minutes=0,
        anti_bounce_seconds=3,
        needs_departure=not is_meal,
        rounding_minutes=30,
        tolerance_minutes=0,
        bill_basis="booking" if is_meal else "presence",
        undecided_default="billed",
        caf_hour_rule="slot_full",
        serves_meal=is_meal,
        is_priced=True,
    )


def _family(records: Records, begin: date) -> None:
    child = {"role": "child", "classes": (families.NewClassMembership("ce1", begin),)}
    lea = families.NewPerson("lea", "Léa", "Fournier", birth_date=begin - timedelta(days=8 * 365))
    noe = families.NewPerson("noe", "Noé", "Fournier", birth_date=begin - timedelta(days=7 * 365))
    claire = families.NewPerson("claire", "Claire", "Fournier", civility="Madame", email="claire@exemple.test")
    families.create_family(
        records,
        SETUP,
        families.NewFamily(
            is_known_apart=True,
            ref="fournier",
            name="Fournier",
            commune="Ville d'essai",
            valid_from=begin,
            members=(
                families.NewMember(claire, "guardian", "mère"),
                families.NewMember(lea, **child),  # type: ignore[arg-type]
                families.NewMember(noe, **child),  # type: ignore[arg-type]
            ),
            payers=(families.NewPayer("payeur-claire", person_ref="claire"),),
            qfs=(NewQf(74_200, "caf", begin),),
            regime=NewRegime("general", "RG", begin),
        ),
    )
    payer = (enrolments.NewEnrolmentPayer("payeur-claire"),)
    week = tuple(enrolments.NewPattern(weekday=weekday) for weekday in range(7))
    today = local_day(records.clock(), zone_where_it_is_noon())
    enrolments.enrol_all(
        records,
        SETUP,
        [
            # The canteen is planned today only, so that the month's total is one meal.
            enrolments.NewEnrolment(
                "i-1", "lea", "cantine", "ecole", "enfant", today, today + timedelta(1), week, payer
            ),
            enrolments.NewEnrolment("i-2", "noe", "garderie-soir", "ecole", "enfant", begin, None, week, payer),
        ],
    )
    devices.assign_badges(
        records,
        SETUP,
        [devices.NewBadge(LEA_BADGE, "lea", begin), devices.NewBadge(NOE_BADGE, "noe", begin)],
    )


def _people_who_log_in(records: Records, begin: date) -> None:
    everyone = (
        ("claire@exemple.test", "Claire Fournier", "family", "claire"),
        ("cuisine", "Cuisine", "kitchen", None),
        ("direction", "Direction", "coordinator", None),
    )
    accounts.create_accounts(
        records,
        SETUP,
        [
            accounts.NewAccount(login, name, PASSWORD, (accounts.NewGrant(role, begin),), person_ref)
            for login, name, role, person_ref in everyone
        ],
    )
