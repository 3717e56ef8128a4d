"""What an invoiced line says of itself: what was frozen, what corrected it, and what changed since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.explained_invoices import LineNow, Mention, explain_invoiced, frozen_line
from domain.french import NBSP
from domain.lines import LineTap, PricedLine
from tests.factories.bodies import a_day, a_group, an_adjustment

KEY = "lea~cantine~2026-11-03~meal~payeur-claire"
CARE_KEY = "lea~soir~2026-11-03~care~payeur-claire"
NOVEMBER, ISSUED_ON = date(2026, 11, 1), date(2026, 12, 8)
ARRIVAL = LineTap(1, "arrival", 992, "badge", "Borne du préau")


def mention(**day: Any) -> Mention:
    """The line on its invoice: a meal at 2,80 €."""
    frozen = a_day("2026-11-03", **{"situation": "planned"} | day)
    return Mention("2026-000001", NOVEMBER, ISSUED_ON, "Léa", group=a_group("lea", [frozen]), day=frozen)


def told(key: str, mentions: list[Mention], now: LineNow) -> str:
    return " ".join(explain_invoiced(key, mentions, now)).replace(NBSP, " ")


def as_now(line: Mention, key: str = KEY, **changes: Any) -> PricedLine:
    """The line as computed today, by default as it was invoiced."""
    return replace(frozen_line(key, line, None), **changes)


def test_line_tells_its_invoice_its_price_and_what_it_rests_on() -> None:
    line = mention()
    text = told(KEY, [line], LineNow(as_now(line), 280))

    assert "Facture n° 2026-000001 du 8 décembre 2026 : 1 repas, 2,80 €." in text
    assert "Prix : 2,80 €." in text
    assert "Tarif « Prix des repas », ligne « Enfant »." in text
    assert "Décision : Délibération 2026-43, en vigueur depuis le 1er septembre 2026." in text
    assert "Quotient familial : 742, donné par la CAF, valable depuis le 1er septembre 2026." in text
    assert text.endswith("Rien n'a changé depuis.")


def test_line_is_explained_by_what_was_frozen_even_when_all_is_different_today() -> None:
    line = mention()
    now = as_now(
        line,
        qf_value=Decimal(300),
        unit_price=Decimal("2.2"),
        amount=Decimal("2.20"),
        tariff_decision="Délibération 9",
    )
    text = told(KEY, [line], LineNow(now, 220))

    assert "Quotient familial : 742" in text
    assert "le quotient familial a changé : 300 au lieu de 742." in text
    assert "le prix d'une unité a changé : 2,20 € au lieu de 2,80 €." in text
    assert "une autre décision s'applique : Délibération 9 au lieu de Délibération 2026-43." in text
    assert "Elle vaut maintenant 2,20 € pour la famille, 2,80 € sont facturés" in text
    assert "la différence, − 0,60 €, viendra en régularisation" in text


def test_absence_justified_afterwards_is_named() -> None:
    line = mention(situation="absent_undecided")
    now = as_now(line, situation="absent_justified", amount=Decimal(0), units=Decimal(0))
    text = told(KEY, [line], LineNow(now, 0))

    assert "la présence a été revue : « absence justifiée » au lieu de « absence sans décision »." in text
    assert "la différence, − 2,80 €" in text


def test_correction_on_a_later_invoice_settles_the_line() -> None:
    later = Mention(
        "2026-000009",
        date(2026, 12, 1),
        date(2027, 1, 9),
        "Léa",
        adjustment=an_adjustment("lea", "2026-11-03", 280, 0),
    )
    line = mention()
    now = as_now(line, situation="absent_justified", amount=Decimal(0))
    text = told(KEY, [line, later], LineNow(now, 0))

    assert "Facture n° 2026-000009 du 9 janvier 2027, régularisation : 2,80 € facturés, 0,00 € dus" in text
    assert text.endswith("Tout est régularisé : rien d'autre n'a changé.")


def test_line_that_is_there_no_more_says_so_and_keeps_its_stay() -> None:
    frozen = a_day("2026-11-03", situation="present", stay={"from": 992, "to": 1051, "minutes": 59}, kind="care")
    group = a_group("lea", [frozen], service="soir", service_label="Garderie du soir", unit="unit_begun")
    line = Mention("2026-000001", NOVEMBER, ISSUED_ON, "Léa", group=group, day=frozen)
    text = told(CARE_KEY, [line], LineNow(None, None))

    assert "Accueil retenu : de 16 h 32 à 17 h 31." in text
    assert "heure fixée par le service" not in text
    assert "Depuis, cette ligne a été retirée" in text


def test_taps_of_today_explain_the_stay_that_was_invoiced() -> None:
    frozen = a_day("2026-11-03", situation="present", stay={"from": 992, "to": None, "minutes": 30}, kind="care")
    group = a_group("lea", [frozen], service="soir", unit="unit_begun")
    line = Mention("2026-000001", NOVEMBER, ISSUED_ON, "Léa", group=group, day=frozen)
    now = as_now(line, CARE_KEY, taps=(ARRIVAL,), billed_minutes=45)
    text = told(CARE_KEY, [line], LineNow(now, 280))

    assert "Arrivée notée à 16 h 32 au badge (« Borne du préau »)." in text


def test_modifiers_are_told_step_by_step_as_they_were() -> None:
    steps = [{"label": "Fratrie", "form": "percent", "applies_to": "unit", "before": "3.50", "after": "2.80"}]
    line = mention(steps=steps)
    text = told(KEY, [line], LineNow(as_now(line), 280))

    assert "« Fratrie » : le prix d'une unité passe de 3,50 € à 2,80 €." in text


def test_who_pays_for_others_is_told_with_the_share_of_the_family() -> None:
    share = {"body": "Département", "decision": "D-12", "cents": 200}
    line = mention(covered=200, shares=[share])
    text = told(KEY, [line], LineNow(as_now(line), 80))

    assert "Pris en charge par Département (décision D-12) : 2,00 €." in text
    assert "Reste à la famille : 0,80 €." in text


def test_line_held_under_the_threshold_says_so() -> None:
    line = replace(mention(), number=None)

    assert "Montant gardé sous le seuil le 8 décembre 2026" in told(KEY, [line], LineNow(as_now(line), 280))


def test_line_that_waits_gives_nothing_back_yet() -> None:
    line = mention()
    now = as_now(line, amount=None, held_back="hole")

    assert "cette ligne attend" in told(KEY, [line], LineNow(now, None))
    assert "régularisation" not in told(KEY, [line], LineNow(now, None))


def test_line_that_was_never_invoiced_says_nothing() -> None:
    assert explain_invoiced(KEY, [], LineNow(None, None)) == ()


def test_income_that_a_price_rested_on_is_told_as_it_was_frozen() -> None:
    line = mention()
    assert line.group is not None
    why = {**line.group["why"], "basis": "collective", "income": 320_000, "children": 2}
    frozen = replace(line, group={**line.group, "why": why})
    text = told(KEY, [frozen], LineNow(as_now(line, monthly_income=Decimal(9_999)), 280))
    assert "Ressources retenues : 3 200,00 € par mois, 2 enfants à charge." in text.replace("\u202f", " ")
