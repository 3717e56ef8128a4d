"""Every YAML case, through the warehouse's own SQL and through the slow oracles: both must say what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.cases.grids_in_sql import verdict_in_sql
from tests.cases.reading import Case, read_cases
from tests.cases.reading_prices import KINDS as RULE_KINDS
from tests.cases.reading_prices import SITUATIONS
from tests.harness.memory_warehouse import MemoryWarehouse, kept_warehouse
from tests.harness.models import compile_once
from tests.oracles.bills import all_lines
from tests.oracles.computed import TARGETS, Computed, compute
from tests.oracles.counts import CafDay, Cover, caf_days, covers
from tests.oracles.coverages import Covered, covered, family_amount
from tests.oracles.grids import verdict
from tests.oracles.pricing import Line
from tests.oracles.statement import Claim, claims
from warehouse.fed import FedWarehouse

CASES = read_cases()
GRIDS = [case for case in CASES if "grille" in case.expected]
ERRORS = {
    "QF inconnu": "qf_missing",
    "inscription absente": "enrolment_missing",
    "payeur inconnu": "payer_missing",
    "garde inconnue": "custody_missing",
    "formule inconnue": "formula_missing",
    "tarif absent": "tariff_missing",
    "tranche absente": "tariff_gap",
    "revenu inconnu": "income_missing",
    "commune inconnue": "residence_missing",
    "naissance inconnue": "birth_date_missing",
    "niveau inconnu": "level_missing",
    "trop de majorations": "too_many_modifiers",
    "heures inconnues": "contract_hours_missing",
    "départ avant l'arrivée": "hours_backwards",
}
KINDS = {
    "repas": "meal",
    "accueil": "care",
    "formule": "formula",
    "adhésion de l'année": "membership_year",
    "fin de contrat": "contract_end",
    "fin de contrat rendue": "contract_back",
    **RULE_KINDS,
}
WAITING = {"passages manquants": "hole", "borne muette": "silent_terminal", "non": None}
AGES = {"moins de 6": "under_6", "6 et plus": "from_6", "inconnu": "unknown"}


@pytest.fixture(scope="module")
def warehouse() -> MemoryWarehouse:
    return kept_warehouse(*TARGETS)


@pytest.fixture(scope="module")
def computed(warehouse: MemoryWarehouse) -> dict[int, Computed]:
    """All cases at once, in as few runs of the SQL as there are different « maintenant » and years."""
    return computed_in(warehouse)


def computed_in(warehouse: MemoryWarehouse | FedWarehouse) -> dict[int, Computed]:
    together: defaultdict[tuple[datetime, tuple[date, ...], int], list[int]] = defaultdict(list)
    for place in range(len(CASES)):
        town = CASES[place].town
        together[town.now, town.holidays, CASES[place].first.year].append(place)
    found: dict[int, Computed] = {}
    for places in together.values():
        towns = [CASES[place].town for place in places]
        first = min(CASES[place].first for place in places)
        last = max(CASES[place].last for place in places)
        found.update(zip(places, compute(warehouse, towns, first, last), strict=True))
    return found


@pytest.mark.parametrize("place", range(len(CASES)), ids=[f"{case.file}: {case.name}" for case in CASES])
def test_case_in_sql(place: int, computed: dict[int, Computed]) -> None:
    case, outcome = CASES[place], computed[place]
    lines = [line for line in outcome.lines if within(case, line.day)]
    check(
        case,
        lines,
        [day for day in outcome.caf if within(case, day.day)],
        [cover for cover in outcome.covers if within(case, cover.day)],
    )
    check_shares(case, lines, [part for part in outcome.covered if within(case, part.line.day)])
    if "relevé" in case.expected:
        assert len(lines) == len(outcome.lines), "un relevé dit tout le mois : « jours » doit le couvrir"
        compare(case.expected["relevé"], [claim_words(claim) for claim in outcome.claims])
    if "message" in case.expected:
        assert any(case.expected["message"] in message for _, message in outcome.messages), outcome.messages


def test_family_alone_has_the_lines_of_a_whole_build(computed: dict[int, Computed]) -> None:
    assert computed_in(FedWarehouse(compile_once(), TARGETS)) == computed


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.name}" for case in CASES])
def test_case_by_the_oracles(case: Case) -> None:
    town, first, last = case.town, case.first, case.last
    found = all_lines(town, first, last)
    check(case, found, caf_days(town, first, last), covers(town, first, last))
    parts = covered(town, found)
    check_shares(case, found, parts)
    if "relevé" in case.expected:
        compare(case.expected["relevé"], [claim_words(claim) for claim in claims(town, parts)])


@pytest.mark.parametrize("case", GRIDS, ids=[case.name for case in GRIDS])
def test_grid_is_judged_by_the_oracle(case: Case) -> None:
    about = case.expected["grille"]
    service = case.town.service(about["service"])
    formulas = [formula.code for formula in service.formulas]
    assert verdict(service.price_lists[-1], categories_of(case), formulas) == set(about["défauts"])


@pytest.mark.parametrize("case", GRIDS, ids=[case.name for case in GRIDS])
def test_grid_is_judged_by_the_sql(case: Case, warehouse: MemoryWarehouse) -> None:
    assert verdict_in_sql(warehouse, case, categories_of(case)) == set(case.expected["grille"]["défauts"])


def categories_of(case: Case) -> list[str]:
    """Return the categories of those who are enrolled in the service whose list is judged."""
    service = case.expected["grille"]["service"]
    return sorted({each.category for each in case.town.child.enrolments if each.service == service})


def test_cases_are_many_and_each_has_its_own_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 150
    assert len(set(names)) == len(names)
    assert all(case.expected for case in CASES)


def within(case: Case, day: date) -> bool:
    return case.first <= day <= case.last


def check(case: Case, found: Sequence[Line], caf: Sequence[CafDay], plates: Sequence[Cover]) -> None:
    """Compare what came out with what the case says; what it does not mention is free."""
    expected = case.expected
    if "lignes" in expected:
        compare(expected["lignes"], [line_words(line) for line in found])
    if "total" in expected:
        assert sum(line.amount or Decimal(0) for line in found) == decimal(expected["total"])
        assert not [line for line in found if line.fault]
    if "caf" in expected:
        compare(expected["caf"], [caf_words(day) for day in caf])
    if "repas" in expected:
        compare(expected["repas"], [cover_words(cover) for cover in plates])


def check_shares(case: Case, found: Sequence[Line], parts: Sequence[Covered]) -> None:
    """Compare what bodies pay and what is left to the family; together they are the price."""
    if "pris en charge" in case.expected:
        compare(case.expected["pris en charge"], [covered_words(part) for part in parts])
    if "part de la famille" in case.expected:
        left = sum((family_amount(line, parts) for line in found), Decimal(0))
        assert left == decimal(case.expected["part de la famille"])


def compare(expected: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, Any]]) -> None:
    """Same rows in the same order; in each, the words that the case gives."""
    assert len(found) == len(expected), found
    for wanted, got in zip(expected, found, strict=True):
        assert set(wanted) <= set(got), f"clés inconnues : {set(wanted) - set(got)}"
        read = {key: typed(key, text) for key, text in wanted.items()}
        assert read == {key: got[key] for key in wanted}


def line_words(line: Line) -> dict[str, Any]:
    return {
        "enfant": line.child,
        "jour": line.day,
        "service": line.service,
        "genre": line.kind,
        "situation": line.situation,
        "payeur": line.payer,
        "quantité": line.units,
        "minutes": line.billed_minutes,
        "prix": line.unit_price,
        "montant": line.amount,
        "erreur": line.fault,
        "formule": line.formula,
        "arrivée": line.arrived,
        "départ": line.left,
        "départ déduit": line.departure_derived,
        "provisoire": line.provisional,
        "en attente": line.held_back,
    }


def covered_words(part: Covered) -> dict[str, Any]:
    return {
        "jour": part.line.day,
        "service": part.line.service,
        "décision": part.coverage,
        "organisme": part.body,
        "unités": part.units,
        "montant": part.amount,
    }


def claim_words(claim: Claim) -> dict[str, Any]:
    return {
        "mois": claim.month.isoformat()[:7],
        "enfant": claim.child,
        "décision": claim.decision,
        "organisme": claim.body,
        "premier jour": claim.first,
        "dernier jour": claim.last,
        "lignes": str(claim.lines),
        "jours": str(claim.days),
        "unités": claim.units,
        "prix total": claim.price,
        "montant": claim.amount,
        "provisoire": claim.provisional,
    }


def caf_words(day: CafDay) -> dict[str, Any]:
    return {
        "jour": day.day,
        "service": day.service,
        "minutes": day.minutes,
        "âge": day.age_group,
        "régime": day.regime,
        "déduit": day.derived,
        "en attente": day.held_back,
    }


def cover_words(cover: Cover) -> dict[str, Any]:
    return {
        "jour": cover.day,
        "service": cover.service,
        "régime": cover.diet,
        "prévu": cover.planned,
        "à commander": cover.to_order,
        "servi": cover.served,
        "absent": cover.absent,
        "en attente": cover.held_back,
    }


def typed(key: str, text: str) -> Any:
    """Return a case's word as the oracles have it."""
    if key in ("jour", "premier jour", "dernier jour"):
        return date.fromisoformat(text)
    if key in ("prix", "montant"):
        return None if text == "aucun" else decimal(text)
    if key in ("quantité", "unités", "prix total"):
        return decimal(text)
    if key == "minutes":
        return int(text)
    if key == "en attente":
        return WAITING[text]
    if key in ("arrivée", "départ"):
        return None if text == "aucun" else int(text[:2]) * 60 + int(text[3:])
    if text in ("oui", "non"):
        return text == "oui"
    names = {"erreur": ERRORS, "situation": SITUATIONS, "âge": AGES, "genre": KINDS}.get(key)
    return names[text] if names else text


def decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ".").replace(" ", ""))
