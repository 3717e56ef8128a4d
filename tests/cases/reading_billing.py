"""From a YAML case of billing, in the words of a finance officer, to months of prices and the bills they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.cases.reading_prices import check_keys, number
from tests.cases.reading_services import load
from tests.oracles.billing import Care, Price

FOLDER = Path(__file__).parent / "billing"
MONTHS = {
    name: date(2026, place, 1) for place, name in enumerate(("septembre", "octobre", "novembre", "décembre"), 9)
}
PLACES = ("école", "centre")


@dataclass(frozen=True)
class Step:
    """What changes before a month is billed, and the bills and kept credits it must make."""

    month: date
    prices: tuple[Price, ...]
    dropped: tuple[tuple[Care, str], ...]
    closed: tuple[tuple[str, date], ...]
    opened: tuple[tuple[str, date], ...]
    freed: Mapping[tuple[str, str], bool]
    cancelled: tuple[tuple[str, date], ...]
    bills: Mapping[str, Mapping[str, str]]
    kept: Mapping[tuple[str, str], tuple[int, bool]]


@dataclass(frozen=True)
class BillingCase:
    """One case; `enrolled` are child, service and payer."""

    name: str
    file: str
    strict_town: bool
    strict: Mapping[tuple[str, str], bool]
    enrolled: Sequence[tuple[str, str, str]]
    steps: Sequence[Step]


def read_billing_cases() -> list[BillingCase]:
    """Return every case of the folder, in order."""
    return [_case(path.stem, content) for path in sorted(FOLDER.glob("*.yaml")) for content in load(path)]


def cents(text: str) -> int:
    """Return an amount of euros as cents; raises AssertionError under a cent."""
    amount = number(text) * 100
    assert amount == int(amount), text
    return int(amount)


def _case(file: str, content: dict[str, Any]) -> BillingCase:
    check_keys(content, {"name", "application stricte", "inscrits", "mois"}, content["name"])
    strict = content.get("application stricte", [])
    return BillingCase(
        content["name"],
        file,
        strict == "oui",
        {} if strict == "oui" else {_pair(text): True for text in strict},
        [(child, service, payer) for child, service, payer in map(str.split, content.get("inscrits", []))],
        [_step(month, each) for month, each in zip(MONTHS.values(), content["mois"], strict=False)],
    )


def _step(month: date, content: dict[str, Any]) -> Step:
    known = {"prix", "à confirmer", "confirmés", "imputation libre", "annulées", "factures", "avoirs gardés"}
    check_keys(content, known, str(month))
    prices = content.get("prix", {})
    return Step(
        month,
        tuple(_price(key, value) for key, value in prices.items() if value != "retiré"),
        tuple(_about(key) for key, value in prices.items() if value == "retiré"),
        tuple(_place_month(text) for text in content.get("confirmés", [])),
        tuple(_place_month(text) for text in content.get("à confirmer", [])),
        {_pair(text): False for text in content.get("imputation libre", [])},
        tuple((payer, MONTHS[name]) for payer, name in map(str.split, content.get("annulées", []))),
        {payer: _bill(payer, about) for payer, about in content["factures"].items()},
        {_pair(key): _kept(text) for key, text in content.get("avoirs gardés", {}).items()},
    )


def _about(key: str) -> tuple[Care, str]:
    """Read « 2026-09-08 Léa cantine Anne »."""
    day, child, service, payer = key.split()
    return Care(child, service, date.fromisoformat(day), "care"), payer


def _price(key: str, value: Any) -> Price:
    about: dict[str, str] = {"montant": value} if isinstance(value, str) else value
    check_keys(about, {"montant", "pris en charge", "lieu", "en attente"}, key)
    care, payer = _about(key)
    amount = about["montant"]
    return Price(
        care,
        payer,
        about.get("lieu", PLACES[0]),
        None if amount == "inconnu" else cents(amount),
        cents(about.get("pris en charge", "0")),
        about.get("en attente") == "oui",
    )


def _bill(payer: str, about: Any) -> dict[str, str]:
    found: dict[str, str] = {"total": about} if isinstance(about, str) else about
    known = {"total", "en mairie", "lignes", "régularisations", "mis de côté", "reports", "motifs"}
    check_keys(found, known, payer)
    return found


def _kept(text: str) -> tuple[int, bool]:
    """Read « 35,00 » or « 35,00 bloqué »: a credit that waits, and whether nothing will use it."""
    amount, _, stuck = text.partition(" ")
    return -cents(amount), stuck == "bloqué"


def _place_month(text: str) -> tuple[str, date]:
    place, name = text.split()
    return place, MONTHS[name]


def _pair(text: str) -> tuple[str, str]:
    payer, service = text.split()
    return payer, service
