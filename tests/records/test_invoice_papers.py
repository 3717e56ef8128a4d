"""What an invoice's paper says, from what was frozen; and who may read it."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import InvalidData, NotFound
from domain.french import NBSP, euros
from domain.invoice_paper import InvoicePaper
from domain.payment_code import CollectionCodes
from exchanges.papers.invoices import paper_of
from records.actors import SETUP, Actor
from records.database import Records
from records.operations.family_edits import NewAddress, set_family_address, set_person_address
from records.operations.invoice_papers import invoice_facts, invoices_of_month, my_invoice, my_invoices
from records.operations.ledger import NewEntry, add_entries
from records.operations.paper_settings import NewPaperSetting, set_paper
from tests.factories.billing import NOVEMBER, a_billing_town, an_issued_run
from tests.factories.bodies import a_body, a_day, a_group, a_whole_draft, an_adjustment
from tests.factories.people import a_family, an_account, logged_in
from tests.factories.town import START

PAYERS = ("fournier-adulte-1-payeur", "fournier-adulte-2-payeur")
CHILD = "fournier-enfant-1"
FIRST = "2026-000001"
CODES = CollectionCodes("004", "9", "093", "940033", "035031")


@pytest.fixture
def issued(town: Records) -> Records:
    """A town that issued November to two payers of a file: seven meals, one taken back; twelve meals."""
    family = a_family(town, guardians=2)
    a_billing_town(town)
    seven = [a_day(f"2026-11-{day:02d}") for day in (2, 3, 5, 6, 9, 10, 12)]
    twelve = [a_day(f"2026-11-{day:02d}", 220) for day in range(2, 14)]
    bodies = (
        a_body([a_group(family.child, seven)], [an_adjustment(family.child, "2026-10-13", 280, 0)]),
        a_body([a_group(family.child, twelve)]),
    )
    an_issued_run(town, [a_whole_draft(payer, body) for payer, body in zip(PAYERS, bodies, strict=True)])
    return town


def paper(records: Records, number: str = FIRST) -> InvoicePaper:
    (facts,) = invoice_facts(records, SETUP, [number])
    return paper_of(facts)


def a_parent(records: Records, person_ref: str) -> Actor:
    an_account(records, person_ref, "family", person_ref=person_ref)
    return logged_in(records, person_ref)


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def test_paper_says_each_day_the_quantity_the_price_and_the_sum(issued: Records) -> None:
    (child,) = paper(issued).children
    (row,) = child.rows

    assert (plain(row.label), plain(row.quantity)) == ("Cantine, École des Tilleuls", "7 repas")
    assert (plain(row.price), plain(row.amount)) == ("2,80 €", "19,60 €")
    assert row.days == "2, 3, 5, 6, 9, 10 et 12 novembre"
    assert child.name == "Léa Fournier"


def test_paper_shows_what_was_corrected_and_comes_to_the_total_of_the_invoice(issued: Records) -> None:
    made = paper(issued)

    assert [(entry.name, plain(entry.amount)) for entry in made.entries] == [("Régularisation", "− 2,80 €")]
    assert "13/10/2026, corrigée ; 2,80 € facturés, 0,00 € dus" in plain(made.entries[0].text)
    assert made.total.amount == made.box.amount == euros(1_680)


def test_paper_adds_the_balance_of_before_to_what_is_to_be_paid(town: Records) -> None:
    family = a_family(town)
    a_billing_town(town)
    add_entries(town, SETUP, [NewEntry(PAYERS[0], "opening", 450, "Report", START)])
    body = a_body([a_group(family.child, [a_day("2026-11-03", 2_000)])])
    an_issued_run(town, [a_whole_draft(PAYERS[0], body)])
    made = paper(town)

    told = [(entry.name, plain(entry.text), plain(entry.amount)) for entry in made.entries]
    assert told == [("Total de cette facture", "", "20,00 €"), ("Solde précédent", " : reste dû", "4,50 €")]
    assert plain(made.box.amount) == "24,50 €"


def test_paper_asks_for_nothing_when_the_balance_of_before_is_greater(town: Records) -> None:
    family = a_family(town)
    a_billing_town(town)
    add_entries(town, SETUP, [NewEntry(PAYERS[0], "opening", -3_200, "Trop payé", START)])
    body = a_body([a_group(family.child, [a_day("2026-11-03", 2_000)])])
    an_issued_run(town, [a_whole_draft(PAYERS[0], body)])
    box = paper(town).box

    assert (box.headline, plain(box.amount)) == ("Rien à payer maintenant", "0,00 €")
    assert [plain(line) for line in box.lines] == ["En votre faveur : 12,00 €, déduits de la prochaine facture."]


def test_paper_tells_the_quotient_and_the_decision_that_the_lines_rest_on(issued: Records) -> None:
    why = paper(issued).parts[0]

    assert "Quotient familial 742 (CAF, depuis le 01/09/2026)." in why.text
    assert "Tarifs : Délibération 2026-43." in plain(why.text)


def test_a_third_party_comes_off_the_child_by_its_name_and_decision(town: Records) -> None:
    family = a_family(town)
    a_billing_town(town)
    share = {"body": "Département", "decision": "D-12", "cents": 1_000}
    day = a_day("2026-11-03", 3_000, covered=1_000, shares=[share])
    an_issued_run(town, [a_whole_draft(PAYERS[0], a_body([a_group(family.child, [day])]))])
    (child,) = paper(town).children

    assert [(plain(row.label), plain(row.amount)) for row in child.rows[1:]] == [
        ("Pris en charge par Département, décision D-12", "− 10,00 €")
    ]
    assert plain(child.amount) == "20,00 €"


def test_prices_of_a_service_have_a_row_each(town: Records) -> None:
    family = a_family(town)
    a_billing_town(town)
    days = [
        a_day("2026-11-02"),
        a_day("2026-11-03", 1_000),
        a_day("2026-11-05", 560, units=20_000, price="2.800000000000"),
    ]
    an_issued_run(town, [a_whole_draft(PAYERS[0], a_body([a_group(family.child, days)]))])
    (child,) = paper(town).children

    assert [(plain(row.quantity), plain(row.price), plain(row.amount), plain(row.days)) for row in child.rows] == [
        ("3 repas", "2,80 €", "8,40 €", "2 et 5 (2) novembre"),
        ("1 repas", "10,00 €", "10,00 €", "3 novembre"),
    ]


def test_the_readers_own_address_comes_before_the_one_of_the_file(issued: Records) -> None:
    moved = date(2026, 9, 2)
    shared = NewAddress("Val-d'Essai", moved, "12 rue des Lilas", postcode="00000")
    set_family_address(issued, SETUP, "fournier", shared)
    own = NewAddress("Le Bourg", moved, "3 bis impasse du Puits", postcode="00001")
    set_person_address(issued, SETUP, "fournier-adulte-2", own)
    first, second = invoice_facts(issued, SETUP, [FIRST, "2026-000002"])

    assert first.recipient == ("Madame Adulte 1 FOURNIER", "12 rue des Lilas", "00000 VAL-D'ESSAI")
    assert second.recipient == ("Madame Adulte 2 FOURNIER", "3 bis impasse du Puits", "00001 LE BOURG")
    assert first.route < second.route


def test_what_the_town_prints_is_what_was_in_force_on_the_day_of_issue(issued: Records) -> None:
    texts = ("Mairie\n1 place", "Par carte", "Deux mois pour contester.")
    set_paper(issued, SETUP, NewPaperSetting(START, "Délibération 1", *texts, CODES))
    set_paper(issued, SETUP, NewPaperSetting(date(2027, 1, 1), "Délibération 2", "Ailleurs"))
    made = paper(issued)

    assert made.sender.lines == ("Mairie", "1 place")
    assert made.box.lines == ("Par carte",)
    assert made.parts[-1].text == "Deux mois pour contester."
    assert made.code.svg.startswith("<?xml")
    (facts,) = invoice_facts(issued, SETUP, [FIRST])
    assert facts.payment_code[93:108] == "002026000000001"
    assert facts.payment_code.endswith("    1680")


def test_without_codes_the_place_of_the_payment_code_stays_empty(issued: Records) -> None:
    assert paper(issued).code.svg == ""


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (NewPaperSetting(START, " "), "qui a décidé"),
        (NewPaperSetting(START, "D", remedies="x" * 2_001), "2000 caractères"),
        (NewPaperSetting(START, "D", codes=CollectionCodes("4", "9", "093", "940033", "035031")), "3 chiffres"),
    ],
)
def test_what_cannot_be_printed_is_refused(town: Records, setting: NewPaperSetting, message: str) -> None:
    with pytest.raises(InvalidData, match=message):
        set_paper(town, SETUP, setting)


def test_invoices_of_a_month_come_in_the_order_of_their_numbers(issued: Records) -> None:
    assert invoices_of_month(issued, SETUP, NOVEMBER) == [FIRST, "2026-000002"]


def test_each_payer_reads_their_own_invoices_and_no_other(issued: Records) -> None:
    first, second = (a_parent(issued, f"fournier-adulte-{rank}") for rank in (1, 2))
    (hers,), (his,) = my_invoices(issued, first), my_invoices(issued, second)

    assert (hers.number, his.number) == (FIRST, "2026-000002")
    assert my_invoice(issued, first, hers.number, hers.mark).number == FIRST
    for reader, number, mark in (
        (second, hers.number, hers.mark),
        (first, hers.number, his.mark),
        (first, hers.number, ""),
        (first, "2026-000009", hers.mark),
    ):
        with pytest.raises(NotFound, match="dans votre dossier"):
            my_invoice(issued, reader, number, mark)


def test_a_parent_of_another_file_reads_nothing(issued: Records) -> None:
    other = a_family(issued, name="Belkacem")
    reader: Actor = a_parent(issued, other.guardians[0])

    assert my_invoices(issued, reader) == []
