"""Every YAML case of the CAF, through the warehouse's own SQL and the slow oracles: both say what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.cases.caf_totals import CARES, Totals
from tests.cases.reading_caf import FOLDER, HoursCase, YearCase, hours_cases, year_cases
from tests.cases.reading_prices import number
from tests.cases.reading_services import load
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.harness.models import compile_once
from tests.oracles.caf_hours import child_days
from tests.oracles.caf_money import Psu, inclusive, mixite, plan_mercredi, psu, rounded
from tests.oracles.caf_money import pso as owed_for_leisure
from tests.oracles.caf_world import Scale
from tests.oracles.staffing import DAYCARE, adults, adults_of_daycare
from tests.sql.caf_rows import pack_places

HOURS = hours_cases()
PSU, PSO, WEEKS = year_cases("psu"), year_cases("pso"), year_cases("occupation")
STAFFED = year_cases("encadrement")
PERIODS = {
    "jour d'école": "periscolaire_day",
    "mercredi": "wednesday",
    "petites vacances": "small_holidays",
    "été": "summer",
    "samedi": "saturday",
}
AGES = {"moins de 6": "under_6", "6 et plus": "from_6", "inconnu": "unknown"}
FAULTS = {
    "aucune": None,
    "naissance inconnue": "age_unknown",
    "hors d'âge": "over_age",
    "séjour trop long": "sejour_too_long",
    "paramètre absent": "parameter_missing",
}
LIMITS = {"plafond": "cap", "prix de revient": "cost", "aucun": None}
Row = dict[str, Any]

_DAYS = """
select split_part(structure_ref, '.', 1), split_part(service_ref, '.', 2), day, realised_minutes, billed_minutes,
    contribution, period, age_group, regime_group, is_aeeh, fault, is_declared, held_back is not null, is_present,
    counts_billed
from marts.fct_caf_child_days order by day, service_ref
"""


@pytest.fixture(scope="module")
def by_sql() -> dict[int, list[Row]]:
    """All cases of hours at once, in as few runs of the SQL as there are different « maintenant » and years."""
    warehouse = MemoryWarehouse(compile_once(), ["fct_caf_child_days"])
    together: defaultdict[tuple[datetime, int], list[int]] = defaultdict(list)
    for place, each in enumerate(HOURS):
        together[each.place.town.now, each.case.first.year].append(place)
    found: dict[int, list[Row]] = {place: [] for place in range(len(HOURS))}
    for (_, year), places in together.items():
        first = min(HOURS[place].case.first for place in places)
        last = max(HOURS[place].case.last for place in places)
        rows = pack_places([HOURS[place].place for place in places], first, last, (year, Scale()))
        with warehouse.filled(rows) as connection:
            for structure, *values in connection.execute(_DAYS).fetchall():
                found[places[int(structure)]].append(_words(values))
    return found


@pytest.fixture(scope="module")
def totals() -> Totals:
    return Totals(compile_once())


@pytest.mark.parametrize("place", range(len(HOURS)), ids=[each.case.name for each in HOURS])
def test_hours_in_sql(place: int, by_sql: dict[int, list[Row]]) -> None:
    case = HOURS[place].case
    check_days(HOURS[place].expected, [row for row in by_sql[place] if case.first <= row["jour"] <= case.last])


@pytest.mark.parametrize("each", HOURS, ids=[each.case.name for each in HOURS])
def test_hours_by_the_oracle(each: HoursCase) -> None:
    found = child_days(each.place, each.case.first, each.case.last)
    rows = [
        _words((
            day.service, day.day, day.realised, day.billed if day.has_bill else None, day.contribution, day.period,
            day.age, day.regime, day.aeeh, day.fault, day.declared, day.held, day.present, day.counts,
        ))
        for day in sorted(found, key=lambda day: (day.day, day.service))
    ]  # fmt: skip
    check_days(each.expected, rows)


@pytest.mark.parametrize("case", PSU, ids=[case.name for case in PSU])
def test_psu_in_sql(case: YearCase, totals: Totals) -> None:
    found = totals.psu(case)
    check(case, {
        "taux de facturation": _round(found["invoicing_rate"], 2),
        "prix retenu": found["price_retained"],
        "limité par": found["limited_by"],
        "PSU avant régime": found["gross_amount"],
        "PSU": found["amount"],
        "refusé": found["fault"],
        "participation par heure": _round(found["contribution_per_hour"], 2),
        "bonus mixité": found["bonus"],
        "bonus refusé": found["bonus_fault"],
    })  # fmt: skip


@pytest.mark.parametrize("case", PSU, ids=[case.name for case in PSU])
def test_psu_by_the_oracle(case: YearCase) -> None:
    billed, realised = number(case.about["heures facturées"]), number(case.about["heures réalisées"])
    contributions = case.amount("participations") or Decimal(0)
    general = case.general
    if general is None and billed:
        general = rounded(Fraction(case.amount("heures du régime général") or billed) / Fraction(billed), 4)
    scale = case.scale if case.about.get("barème de", case.about["année"]) == case.about["année"] else Scale()
    owed = psu(
        case.year, billed, realised, contributions=contributions, charges=case.amount("charges"), general=general,
        scale=scale,
    )  # fmt: skip
    if "places" not in case.about:
        owed = Psu(owed.rate, refused="setting_missing")
    places = int(case.about.get("places", "0"))
    bonus = mixite(case.year, places, contributions, billed)
    check(case, {
        "taux de facturation": None if owed.rate is None else rounded(owed.rate, 2),
        "prix retenu": None if owed.price is None else rounded(owed.price, 6),
        "limité par": owed.limited_by,
        "PSU avant régime": owed.gross,
        "PSU": owed.amount,
        "refusé": owed.refused,
        "participation par heure": rounded(Fraction(contributions) / Fraction(billed), 2) if billed else None,
        "bonus mixité": bonus,
        "bonus refusé": "setting_missing" if not places else _bonus_refused(bonus, billed),
    }, first_word=True)  # fmt: skip


def _bonus_refused(bonus: Decimal | None, billed: Decimal) -> str | None:
    if bonus is not None:
        return None
    return "parameter_missing" if billed else "billed_missing"


@pytest.mark.parametrize("case", PSO, ids=[case.name for case in PSO])
def test_pso_in_sql(case: YearCase, totals: Totals) -> None:
    found = totals.pso(case)
    check(case, {
        "heures": found["hours"],
        "PSO": found["amount"],
        "limité par": found["limited_by"],
        "refusé": found["fault"],
        "heures nouvelles": found["new_wednesday_hours"],
        "bonification mercredi": found["plan_mercredi_amount"],
        "bonification refusée": found["plan_fault"],
        "complément inclusif": found["inclusive_amount"],
        "complément refusé": found["inclusive_fault"],
    })  # fmt: skip


@pytest.mark.parametrize("case", PSO, ids=[case.name for case in PSO])
def test_pso_by_the_oracle(case: YearCase) -> None:
    hours = number(case.about["heures"])
    cap = case.scale.pso or (Decimal("0.54") if case.year == 2018 else None)
    general = case.general if case.general is not None else Decimal(1)
    owed = owed_for_leisure(hours, charges=case.amount("charges"), general=general, cap=cap)
    wednesday, reference = case.amount("heures du mercredi"), case.amount("mercredi de référence")
    labelled = case.about.get("plan mercredi") == "oui"
    share = general if case.scale.by_regime else Decimal(1)
    rate = {2024: Decimal("4.50"), 2025: Decimal("3.90")}.get(case.year)
    aeeh = case.amount("heures AEEH")
    more = bonus = None
    if labelled and wednesday is not None and reference is not None:
        more, bonus = max(Decimal(0), wednesday - reference), plan_mercredi(wednesday, reference, share)
    check(case, {
        "heures": hours,
        "PSO": owed.amount,
        "limité par": owed.limited_by,
        "refusé": owed.refused,
        "heures nouvelles": more,
        "bonification mercredi": bonus,
        "bonification refusée": "reference_wednesday_missing" if labelled and reference is None else None,
        "complément inclusif": inclusive(aeeh, rate, share) if aeeh and rate else None,
        "complément refusé": "parameter_missing" if aeeh and rate is None else None,
    }, first_word=True)  # fmt: skip


@pytest.mark.parametrize("case", WEEKS, ids=[case.name for case in WEEKS])
def test_week_in_sql(case: YearCase, totals: Totals) -> None:
    found = totals.occupancy(case)
    assert found["peak"] == int(case.about["enfants au même moment"])
    check(case, {
        "occupation": found["occupancy_realised"],
        "occupation facturée": found["occupancy_billed"],
        "au plus": None if found["most_children"] is None else Decimal(found["most_children"]),
        "alerte": "oui" if found["is_alert"] else "non",
        "refusé": found["fault"],
    })  # fmt: skip


@pytest.mark.parametrize("case", WEEKS, ids=[case.name for case in WEEKS])
def test_week_by_the_oracle(case: YearCase) -> None:
    # Two days, then three: the convention may change on Wednesday. The children are there on Monday.
    first = int(case.about.get("places", "0"))
    places = [first] * 2 + [int(case.about.get("places dès mercredi", first))] * 3
    children, length = int(case.about["enfants au même moment"]), Fraction(case.offered, 60)
    limits = [_most(each, case.about.get("arrondi", "bas")) for each in places]
    share, billed, alert = None, None, 0 < limits[0] < children
    if first:
        offered = sum(length * each for each in places)
        share = Fraction(number(case.about["heures de présence"])) / offered
        billed = Fraction(case.amount("heures facturées") or 0) / offered
        alert = alert or (children > first and share > 1)
    check(case, {
        "occupation": None if share is None else rounded(100 * share, 2),
        "occupation facturée": None if billed is None else rounded(100 * billed, 2),
        "au plus": Decimal(max(limits)),
        "alerte": "oui" if alert else "non",
        "refusé": None if share is not None else "setting_missing",
    })  # fmt: skip


def _most(places: int, rounding: str) -> int:
    whole, rest = divmod(places * 115, 100)
    return whole + {"bas": 0, "haut": min(1, rest), "proche": 1 if rest >= 50 else 0}[rounding]


@pytest.mark.parametrize("case", STAFFED, ids=[case.name for case in STAFFED])
def test_adults_in_sql(case: YearCase, totals: Totals) -> None:
    found = totals.staffing(case)
    check(case, {
        "adultes": Decimal(found["required"]),
        "direction": "en plus" if found["is_director_apart"] else "peut compter",
    })  # fmt: skip


@pytest.mark.parametrize("case", STAFFED, ids=[case.name for case in STAFFED])
def test_adults_by_the_oracle(case: YearCase) -> None:
    care = CARES[case.about["accueil"]]
    under_6, from_6 = (int(case.about.get(word, "0")) for word in ("moins de 6", "6 et plus"))
    if care == DAYCARE:
        walking = int(case.about.get("dont marchent", "0")) if "marchent à partir de" in case.about else None
        asked = adults_of_daycare(int(case.about["enfants"]), walking)
    else:
        asked = adults(care, case.about.get("PEDT") == "oui", under_6, from_6)
    check(case, {
        "adultes": Decimal(asked),
        "direction": "en plus" if under_6 + from_6 >= 51 else "peut compter",
    })  # fmt: skip


def test_cases_are_many_and_each_has_its_own_name() -> None:
    names = [content["name"] for path in FOLDER.glob("*.yaml") for content in load(path)]
    assert len(names) >= 60
    assert len(set(names)) == len(names)
    counts = [len(HOURS), *(len(each) for each in (PSU, PSO, WEEKS, STAFFED, year_cases("et_si")))]
    assert len(names) == sum(counts)


def check(case: YearCase, found: Row, *, first_word: bool = False) -> None:
    """Compare what a case says with what came out; oracles say why without the name and the day."""
    unknown = set(case.expected) - set(found)
    assert not unknown, f"mots inconnus : {unknown}"
    for word, text in case.expected.items():
        if word.startswith(("refusé", "bonus refusé", "bonification refusée", "complément refusé")):
            wanted: Any = None if text == "aucun" else text.split(" ")[0] if first_word else text
        elif word == "limité par":
            wanted = LIMITS[text]
        elif word in ("alerte", "direction"):
            wanted = text
        else:
            wanted = None if text == "aucun" else number(text)
        assert found[word] == wanted, word


def check_days(expected: Sequence[Mapping[str, str]], found: Sequence[Row]) -> None:
    """Same days in the same order; in each, the words that the case gives."""
    assert len(found) == len(expected), found
    for wanted, got in zip(expected, found, strict=True):
        assert set(wanted) <= set(got), f"mots inconnus : {set(wanted) - set(got)}"
        assert {word: _typed(word, text) for word, text in wanted.items()} == {word: got[word] for word in wanted}


def _words(values: Sequence[Any]) -> Row:
    names = (
        "service", "jour", "heures", "famille", "participation", "période", "âge", "régime", "AEEH", "faute",
        "déclaré", "en attente", "présent", "facture déclarée",
    )  # fmt: skip
    row = dict(zip(names, values, strict=True))
    for word in ("famille", "participation"):
        row[word] = None if row[word] is None else Fraction(row[word])
    return row


def _typed(word: str, text: str) -> Any:
    if text == "aucune" and word in ("heures", "famille"):
        return None
    if word in ("heures", "famille"):
        hours, minutes = text.removeprefix("-").split(":")
        return (int(hours) * 60 + int(minutes)) * (-1 if text.startswith("-") else 1)
    if word == "jour":
        return date.fromisoformat(text)
    if word == "participation":
        return Fraction(number(text))
    if word in ("AEEH", "déclaré", "en attente", "présent", "facture déclarée"):
        return text == "oui"
    words: dict[str, dict[str, Any]] = {"période": dict(PERIODS), "âge": dict(AGES), "faute": dict(FAULTS)}
    return words.get(word, {}).get(text, text)


def _round(value: Decimal | None, places: int) -> Decimal | None:
    return None if value is None else rounded(Fraction(value), places)
