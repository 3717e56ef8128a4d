"""The month as a family reads it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.explanations import explain
from domain.french import NBSP
from domain.lines import CoveredLine, PricedLine
from domain.shares import Shares
from portal.views.month import MonthQuestion, MonthView, line_href, month_view, service_sum
from tests.unit.portal.lines import evening, line

TODAY = date(2026, 11, 24)


def view(lines: list[PricedLine], **changes: Any) -> MonthView:
    question: dict[str, Any] = {
        "month": date(2026, 11, 1),
        "today": TODAY,
        "first_month": date(2026, 9, 1),
        "explain": lambda one: (f"parce que {one.kind}",),
        "payer_labels": {},
    }
    return month_view(lines, MonthQuestion(**{**question, **changes}))


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def test_lines_are_grouped_by_child_then_day_most_recent_first() -> None:
    monday = line(day=date(2026, 11, 23), line_key="monday")
    noe = line(child_ref="noe", child_first_name="Noé", line_key="noe")
    children = view([monday, noe, line(), evening()]).payers[0].children
    assert [child.first_name for child in children] == ["Léa", "Noé"]
    assert [day.label for day in children[0].days] == ["Aujourd'hui, mardi 24", "Lundi 23"]
    assert [row.service for row in children[0].days[0].rows] == ["Cantine", "Garderie du soir"]


def test_services_of_a_day_follow_its_hours_whether_the_child_came_or_not() -> None:
    morning = line(
        service_ref="matin", service_label="Garderie du matin", service_kind="morning_care", line_key="m"
    )
    absent = line(arrived_minute=None, situation="absent_undecided")
    child = view([evening(service_kind="evening_care"), absent, morning]).payers[0].children[0]
    assert [row.service for row in child.days[0].rows] == ["Garderie du matin", "Cantine", "Garderie du soir"]
    assert [sum_.label.split(",")[0] for sum_ in child.sums] == ["Garderie du matin", "Cantine", "Garderie du soir"]


def test_formula_reads_inside_the_sentence() -> None:
    row = view([line(formula_label="Journée avec repas")]).payers[0].children[0].days[0].rows[0]
    assert row.service == "Cantine, journée avec repas"


def test_every_line_carries_its_price_its_times_and_its_reason() -> None:
    row = view([evening()]).payers[0].children[0].days[0].rows[0]
    assert plain(row.price) == "1,80 €"
    assert plain(row.times) == "16 h 35 – 17 h 31"
    assert row.sentences == ("parce que care",)
    assert row.href == "/lignes/lea%C2%B7garderie-soir%C2%B72026-11-24%C2%B7care%C2%B7claire"


def test_totals_are_exact_to_the_cent() -> None:
    dimes = [line(line_key=str(n), amount=Decimal("0.10"), unit_price=Decimal("0.10")) for n in range(3)]
    shown = view(dimes).payers[0]
    assert plain(shown.total) == "0,30 €"
    assert plain(shown.children[0].total) == "0,30 €"


def test_two_payers_are_never_added_up() -> None:
    shown = view([line(), line(payer_ref="karim", line_key="k")], payer_labels={"karim": "Karim Fournier"})
    assert [plain(payer.total) for payer in shown.payers] == ["2,80 €", "2,80 €"]
    assert [payer.label for payer in shown.payers] == ["", "Karim Fournier"]


def test_two_children_with_the_same_first_name_stay_two() -> None:
    shown = view([line(), line(child_ref="lea-2", line_key="other")])
    assert len(shown.payers[0].children) == 2
    assert len({child.anchor for child in shown.payers[0].children}) == 2


def test_line_without_price_is_named_and_left_out_of_the_total() -> None:
    shown = view([line(), line(line_key="x", amount=None, unit_price=None, fault="qf_missing")])
    assert plain(shown.payers[0].total) == "2,80 €"
    assert "pas dans le total" in shown.unpriced_sentence
    assert [row.price for row in shown.payers[0].children[0].days[0].rows].count("Prix à compléter") == 1


def test_free_line_reads_gratuit() -> None:
    row = view([line(amount=Decimal("0.00"))]).payers[0].children[0].days[0].rows[0]
    assert row.price == "gratuit"


@pytest.mark.parametrize(
    ("month", "links"),
    [
        (date(2026, 11, 1), ("octobre 2026", None)),
        (date(2026, 10, 1), ("septembre 2026", "novembre 2026")),
        (date(2026, 9, 1), (None, "octobre 2026")),
    ],
)
def test_months_follow_each_other_within_what_can_be_read(
    month: date, links: tuple[str | None, str | None]
) -> None:
    shown = view([], month=month)
    assert (shown.previous and shown.previous.label, shown.following and shown.following.label) == links


@pytest.mark.parametrize(
    ("lines", "label", "amount"),
    [
        ([line(), line()], "Cantine, 2 repas × 2,80 €", "5,60 €"),
        ([evening()], "Garderie du soir, 2 demi-heures × 0,90 €", "1,80 €"),
        ([evening(rounding_minutes=20)], "Garderie du soir, 2 tranches de 20 min × 0,90 €", "1,80 €"),
        ([line(), line(unit_price=Decimal("2.20"), amount=Decimal("2.20"))], "Cantine, 2 repas", "5,00 €"),
        (
            [line(), line(situation="absent_justified", amount=Decimal("0.00"))],
            "Cantine, 1 repas × 2,80 €, 1 absence justifiée",
            "2,80 €",
        ),
        ([line(amount=Decimal("0.00"))] * 2, "Cantine, 2 repas sans frais", "0,00 €"),
        ([line(unit="formula", unit_price=Decimal("7.1250"), amount=Decimal("7.13"))], "Cantine, 1 jour", "7,13 €"),
        ([line(), line(amount=None)], "Cantine, 1 repas × 2,80 €, 1 ligne sans prix", "2,80 €"),
    ],
)
def test_service_says_what_it_adds_up(lines: list[PricedLine], label: str, amount: str) -> None:
    found = service_sum(lines)
    assert (plain(found.label), plain(found.amount)) == (label, amount)


def test_line_address_survives_any_key() -> None:
    assert line_href("a/b?c#d é") == "/lignes/a%2Fb%3Fc%23d%20%C3%A9"


def test_note_says_that_undecided_absences_are_counted() -> None:
    assert view([line()]).note == "Ce montant suit chaque passage noté."
    past = view([line(situation="absent_undecided", day=date(2026, 11, 3))]).note
    assert "absences à confirmer" in past
    assert view([line(day=date(2026, 10, 6))], month=date(2026, 10, 1)).note.startswith("Ce montant peut changer")


def test_price_that_may_still_change_says_so() -> None:
    rows = view([line(is_provisional=True), evening()]).payers[0].children[0].days[0].rows
    assert [row.is_provisional for row in rows] == [True, False]


def test_line_that_waits_for_missing_taps_is_said_apart_and_asks_nothing_of_the_family() -> None:
    shown = view([line(), evening(amount=None, held_back="hole")])
    assert [row.price for row in shown.payers[0].children[0].days[0].rows] == [f"2,80{NBSP}€", "En attente"]
    assert plain(shown.unpriced_sentence).startswith("Une ligne est en attente : une borne n'a pas tout envoyé.")
    assert "vous n'avez rien à faire" in shown.unpriced_sentence
    assert plain(shown.payers[0].total) == "2,80 €"


@pytest.mark.parametrize("reason", ["hole", "silent_terminal"])
def test_reasons_of_a_waiting_line_say_what_happens_next(reason: str) -> None:
    told = " ".join(explain(evening(amount=None, held_back=reason)))
    assert "En attente" in told
    assert "tant que les passages ne sont pas arrivés ou que le service n'a pas vérifié" in told
    assert "Prix" not in told


def share(amount: str, body: str = "Département", **changes: Any) -> CoveredLine:
    facts = {
        "line_key": line().line_key, "day": TODAY, "coverage_ref": f"pec-{body}", "coverage_kind": "decision",
        "decision_number": "118", "body_ref": body, "body_name": body, "body_kind": "department", "rank": 1,
        "unit": "day", "units": Decimal(1), "amount": Decimal(amount), "payer_ref": "claire",
        "family_ref": "fournier", "child_ref": "lea", "service_ref": "cantine", "structure_ref": "tilleuls",
    }  # fmt: skip
    return CoveredLine(**{**facts, **changes})


def test_what_bodies_pay_is_said_and_taken_from_what_the_family_owes() -> None:
    shares = Shares.of([share("1.50"), share("0.30", "MSA"), share("0.30", "MSA")])
    payer = view([line(), evening()], shares=shares).payers[0]
    assert plain(payer.total) == plain(payer.children[0].total) == "2,80 €"
    assert [(each.label, plain(each.amount)) for each in payer.children[0].sums[-2:]] == [
        ("Pris en charge par Département", "− 1,50 €"),
        ("Pris en charge par MSA", "− 0,30 €"),
    ]
    meal, care = payer.children[0].days[0].rows
    assert (plain(meal.price), plain(meal.share), care.share) == ("2,80 €", "reste 1,00 €", "")
    assert [plain(each) for each in meal.sentences[1:]] == [
        "Pris en charge par Département (décision 118) : 1,50 €.",
        "Pris en charge par MSA (décision 118) : 0,30 €.",
        "Reste à la famille : 1,00 €.",
    ]
    assert len(care.sentences) == 1
