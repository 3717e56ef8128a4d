"""« Prises en charge »: recorded, answered, applied and closed from the page, by whoever may."""

from datetime import date

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from records.actors import SETUP
from records.models import Coverage
from records.operations import coverages, voucher_recaps
from records.operations.coverage_lists import CoverageLine, list_coverages
from records.operations.coverage_terms import CoverageTerms
from records.operations.paying_bodies import NewBody, add_paying_body
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_staff_pages import words
from tests.ui.town import START, Town

SHARE = CoverageTerms("percent", "meal", percent_e4=5_000)


@pytest.fixture
def asked(staff_town: Town) -> Town:
    """Half of Inès's meals asked of the Département."""
    add_paying_body(staff_town.records, SETUP, NewBody("cd", "Département", "department", START))
    new = coverages.NewCoverage("pec", "cd", "ines", "decision", SHARE, START, service_ref="cantine")
    coverages.ask_coverage(staff_town.records, SETUP, new)
    return staff_town


def typed(app: AppTest, **values: str) -> None:
    """Type into the first field of each label."""
    labels = {
        "decision": "N° de décision",
        "amount": "Montant du devis (€)",
        "reason": "Motif",
        "child": "Nom de l'enfant",
    }
    for name, value in values.items():
        next(each for each in app.text_input if each.label == labels[name]).set_value(value)


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of that label."""
    return next(each for each in app.button if each.label == label).click().run()


def only(town: Town) -> CoverageLine:
    """Return the one coverage."""
    (line,) = list_coverages(town.records, SETUP)
    return line


def test_a_coverage_goes_from_its_quote_to_the_enrolment_on_the_page(open_pages: Open, asked: Town) -> None:
    app = open_pages("coordination", "prises-en-charge")
    assert "Prend en charge 50,00 % du prix." in words(app)
    typed(app, amount="92,50")
    press(app, "Noter le devis envoyé")
    assert (only(asked).state, only(asked).quoted_cents) == ("quoted", 9_250)
    typed(app, decision="CD-118")
    next(each for each in app.text_input if each.label == "Plafond en tout (€)").set_value("80")
    press(app, "Enregistrer la décision")
    assert (only(asked).state, only(asked).decision_number) == ("notified", "CD-118")
    assert only(asked).terms.ceiling_cents == 8_000
    press(app, "Appliquer")
    assert [each.enrolment_ref for each in only(asked).applied_to] == ["ines-cantine"]
    assert "elle se déduit des jours de cette inscription" in words(app)


def test_an_amount_that_is_no_number_is_refused_and_nothing_is_recorded(open_pages: Open, asked: Town) -> None:
    app = open_pages("coordination", "prises-en-charge")
    typed(app, amount="beaucoup")
    press(app, "Noter le devis envoyé")
    assert "« beaucoup » n'est pas un nombre." in words(app)
    assert only(asked).state == "asked"


def test_refusing_asks_for_a_reason_and_stays_in_the_history(open_pages: Open, asked: Town) -> None:
    app = open_pages("coordination", "prises-en-charge")
    ends = next(each for each in app.selectbox if each.label == "Devient")
    assert ends.options == ["Refusée par l'organisme", "Annulée"]
    typed(app, reason="Ressources trop hautes")
    next(each for each in app.button if each.label == "Enregistrer").click().run()
    assert only(asked).state == "refused"
    assert "Ressources trop hautes" in words(app)


def test_coordination_does_not_cancel_what_bills_deduct(open_pages: Open, asked: Town) -> None:
    coverages.notify_coverage(asked.records, SETUP, "pec", coverages.Notice("CD-118"))
    coverages.apply_coverage(asked.records, SETUP, "bourg", "pec", ["ines-cantine"])
    ends = {
        login: next(
            each for each in open_pages(login, "prises-en-charge").selectbox if each.label == "Devient"
        ).options
        for login in ("coordination", "finances")
    }
    assert ends == {"coordination": ["Épuisée"], "finances": ["Annulée", "Épuisée"]}


def test_a_paper_already_decided_is_recorded_for_a_child_found_by_name(open_pages: Open, asked: Town) -> None:
    app = open_pages("coordination", "prises-en-charge")
    typed(app, child="fournier")
    app.run()
    child = next(each for each in app.selectbox if each.label == "Enfant")
    assert {each.partition(",")[0] for each in child.options} == {"FOURNIER Léa", "FOURNIER Noé"}
    next(
        each
        for each in app.text_input
        if each.label == "Combien (% ou €)" and each.form_id == "nouvelle-prise-en-charge"
    ).set_value("25")
    [each for each in app.text_input if each.label == "N° de décision"][-1].set_value("CD-7")
    [each for each in app.button if each.label == "Enregistrer"][-1].click().run()
    with asked.records.read() as session:
        found = session.scalars(select(Coverage).where(Coverage.decision_number == "CD-7")).one()
    assert (found.state, found.percent_e4) == ("notified", 2_500)


def test_a_recap_of_vouchers_is_sent_from_the_page(open_pages: Open, asked: Town) -> None:
    records = asked.records
    add_paying_body(records, SETUP, NewBody("msa", "MSA", "msa", START))
    calendar = voucher_recaps.NewRecapCalendar(START, "Note", ((12, 31), (8, 31)), 60)
    voucher_recaps.set_recap_calendar(records, SETUP, calendar)
    daily = CoverageTerms("flat", "day", amount_cents=500)
    voucher = coverages.NewCoverage("bon", "msa", "lea", "msa_voucher", daily, START, service_ref="cantine")
    coverages.record_coverage(records, SETUP, voucher, coverages.Notice("B-1"))
    coverages.apply_coverage(records, SETUP, "tilleuls", "bon", ["lea-cantine"])
    app = open_pages("coordination", "prises-en-charge")
    press(app, "Envoyer au responsable de secteur")
    states = voucher_recaps.recap_states(records, SETUP, date(2026, 12, 31))
    assert [each.step for each in states] == ["sent"]


def test_finance_reads_the_bodies_statement_at_the_end_of_the_month(open_pages: Open, asked: Town) -> None:
    assert "Dû par les organismes pour octobre 2026" in words(open_pages("finances", "fin-de-mois"))
