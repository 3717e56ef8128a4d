"""What each message says: what happened and what to do, without what a mail must not tell."""

from datetime import date

import pytest

from domain.french import NBSP
from domain.time import instant_at
from exchanges.letters import LETTERS, Town
from records.models.messages import MESSAGE_KINDS
from records.operations.messages import WaitingMessage

TOWN = Town("Ville d'essai", "Europe/Paris", "01 99 00 12 34")
UNTIL = instant_at(date(2026, 12, 8), 480, "Europe/Paris")
ASKED = {"name": "Anne", "what": "Réservations", "asked_on": "2026-11-24"}


def said(kind: str, **content: object) -> tuple[str, str]:
    """Return the subject and the text of a message, with plain spaces."""
    message = WaitingMessage(1, kind, "anne@exemple.test", dict(content), UNTIL)
    subject, text = LETTERS[kind](message, TOWN, "https://portail.test")
    return subject, text.replace(NBSP, " ")


def test_every_kind_of_message_has_its_letter() -> None:
    assert LETTERS.keys() == set(MESSAGE_KINDS)


def test_an_acceptance_says_that_nothing_is_left_to_do() -> None:
    subject, text = said("request_accepted", **ASKED, reason="Bienvenue")
    assert subject == "votre demande est acceptée"
    assert "« Réservations » du mardi 24 novembre 2026 est acceptée" in text
    assert "« Bienvenue »" in text
    assert "Vous n'avez rien à faire" in text


@pytest.mark.parametrize(
    ("reason", "wanted"), [("Complet.", "Le service répond : « Complet. »"), (None, "se lit sur le portail")]
)
def test_a_refusal_says_why_or_where_to_read_it_and_what_to_do(reason: str | None, wanted: str) -> None:
    _, text = said("request_refused", **ASKED, reason=reason)
    assert wanted in text
    assert "rien n'a changé dans votre dossier" in text
    assert "01 99 00 12 34" in text


def test_who_has_no_account_is_not_sent_to_the_portal() -> None:
    _, accepted = said("request_accepted", **ASKED, has_account=False)
    _, refused = said("request_refused", **ASKED, has_account=False)
    assert "portail" not in accepted + refused
    assert "Pour en connaître la raison ou faire une autre demande : 01 99 00 12 34" in refused


def test_an_offer_says_until_when_to_answer_and_how() -> None:
    told = {"name": "Anne", "child": "Léa", "service": "Mercredi", "place": "Centre", "until": "2026-12-01"}
    subject, text = said("place_offered", **told)
    assert subject == "une place pour Léa"
    assert "Répondez au plus tard le mardi 1er décembre 2026, en nous joignant : 01 99 00 12 34" in text


def test_a_reminder_says_what_is_to_be_done_until_when_and_how_to_end_it() -> None:
    task = {"name": "Claire", "what": "Importer les vacances", "how": "Lancez.", "due_on": "2026-12-01"}
    subject, text = said("task_due", **task, is_late=False)
    late_subject, late = said("task_due", **{**task, "how": None}, is_late=True)
    assert (subject, late_subject) == ("à faire, Importer les vacances", "en retard, Importer les vacances")
    assert "est à faire au plus tard le mardi 1er décembre 2026.\n\nLancez." in text
    assert "n'est pas notée faite" in late
    assert "None" not in late
    assert "marelle tasks done" in text
    _, of_places = said("task_due", **task, is_late=False, places=["La halte", "Le centre"])
    assert "Pas encore notée faite pour : La halte, Le centre." in of_places.replace("\u00a0", " ")
    assert "Pas encore" not in text
    _, of_caf = said("task_due", **task, is_late=False, held_right="declare_caf")
    assert "notez-le sur la page « Déclarations CAF »" in of_caf


def an_invoice(previous_cents: int) -> tuple[str, str]:
    """Return the letter of an invoice of 86,40 € after a balance."""
    told = {"name": "Anne", "number": "2026-000123", "month": "2026-10-01", "due_on": "2026-12-15"}
    return said("invoice", **told, cents=8_640, previous_cents=previous_cents)


@pytest.mark.parametrize(
    ("previous_cents", "subject", "lines"),
    [
        (0, "86,40 € avant le 15 décembre", ["Total à payer avant le 15 décembre : 86,40 €"]),
        (
            1_200,
            "98,40 € avant le 15 décembre",
            ["Solde précédent, reste dû : 12,00 €", "Total à payer avant le 15 décembre : 98,40 €"],
        ),
        (
            -10_000,
            "rien à payer",
            [
                "Solde précédent, en votre faveur : \u2212 100,00 €",
                "Rien à payer maintenant. En votre faveur : 13,60 €, déduits de la prochaine facture.",
            ],
        ),
    ],
)
def test_an_invoice_says_its_total_and_what_is_to_pay_as_its_paper_does(
    previous_cents: int, subject: str, lines: list[str]
) -> None:
    found, text = an_invoice(previous_cents)
    assert found.replace(NBSP, " ") == f"votre facture d'octobre, {subject}"
    assert "Total de cette facture : 86,40 €" in text
    assert all(line in text for line in lines)


def test_an_invoice_told_by_mail_to_who_chose_an_sms_says_why_it_is_a_mail() -> None:
    told = {"name": "Anne", "number": "2026-000123", "month": "2026-10-01", "due_on": "2026-12-15", "cents": 8_640}
    _, text = said("invoice", **told, asked_sms=True)
    assert "Vous aviez choisi le SMS : nous ne pouvons pas encore en envoyer, ce courriel le remplace." in text
    assert "SMS" not in said("invoice", **told)[1]


def test_a_recap_that_is_late_names_the_place_and_the_page() -> None:
    subject, text = said("recap_due", name="Nadia", place="La Clairière", due_on="2026-12-31", is_late=True)
    assert subject == "en retard, bons MSA de La Clairière"
    assert "attendu au plus tard le jeudi 31 décembre 2026" in text
    assert "« Prises en charge »" in text


def test_a_placement_names_the_file_alone() -> None:
    subject, text = said("child_placed", name="Claire", family="F0001", **{"from": "2026-11-24"})
    assert "F0001" in subject
    assert "vérifiez qui vient chercher l'enfant" in text
