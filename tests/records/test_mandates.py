"""A mandate debits nothing before it is signed, and a changed IBAN is a new mandate."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import AuditEntry, MandateEvent
from records.operations.mandates import NewMandate, is_iban, list_mandates, move_mandate, open_mandate
from tests.factories.people import a_family
from tests.factories.rows import IBAN
from tests.factories.town import START, TODAY

OTHER_IBAN = "FR1420041010050500013M02606"  # an example of the standard too
MANDATE = NewMandate("RUM-1", "fournier-adulte-1-payeur", "Anne Fournier", IBAN, 6)


@pytest.fixture
def paying(town: Records) -> Records:
    """A town with one payer."""
    a_family(town)
    return town


def states(records: Records) -> list[tuple[str, str, bool]]:
    """Return RUM, state and whether it debits, the oldest first."""
    lines = list_mandates(records, SETUP, MANDATE.payer_ref)
    return [(line.rum, line.state, line.may_debit) for line in reversed(lines)]


def test_mandate_debits_only_once_it_is_signed(paying: Records) -> None:
    open_mandate(paying, SETUP, MANDATE)
    assert states(paying) == [("RUM-1", "draft", False)]
    move_mandate(paying, SETUP, "RUM-1", "awaiting_signature")
    assert states(paying) == [("RUM-1", "awaiting_signature", False)]
    with pytest.raises(InvalidData, match="jour de la signature"):
        move_mandate(paying, SETUP, "RUM-1", "active")
    move_mandate(paying, SETUP, "RUM-1", "active", TODAY)
    assert states(paying) == [("RUM-1", "active", True)]


def test_changed_iban_is_a_new_mandate_that_revokes_the_old_one_once_active(paying: Records) -> None:
    open_mandate(paying, SETUP, MANDATE)
    move_mandate(paying, SETUP, "RUM-1", "awaiting_signature")
    move_mandate(paying, SETUP, "RUM-1", "active", START)
    open_mandate(paying, SETUP, replace(MANDATE, rum="RUM-2", iban=OTHER_IBAN))
    assert states(paying) == [("RUM-1", "active", True), ("RUM-2", "draft", False)]
    move_mandate(paying, SETUP, "RUM-2", "awaiting_signature")
    move_mandate(paying, SETUP, "RUM-2", "active", TODAY)
    assert states(paying) == [("RUM-1", "revoked", False), ("RUM-2", "active", True)]
    assert list_mandates(paying, SETUP, MANDATE.payer_ref)[0].replaces_rum == "RUM-1"
    with paying.read() as session:
        kinds = session.scalars(select(MandateEvent.kind).order_by(MandateEvent.id)).all()
    assert kinds == ["draft", "awaiting_signature", "active"] * 1 + [
        "draft",
        "awaiting_signature",
        "revoked",
        "active",
    ]


@pytest.mark.parametrize(("state", "said"), [("active", "actif"), ("draft", "brouillon"), ("zorglub", "zorglub")])
def test_step_that_does_not_exist_is_refused_in_words(paying: Records, state: str, said: str) -> None:
    open_mandate(paying, SETUP, MANDATE)
    with pytest.raises(InvalidData, match=said):
        move_mandate(paying, SETUP, "RUM-1", state, TODAY)
    with pytest.raises(InvalidData, match="Aucun mandat"):
        move_mandate(paying, SETUP, "RUM-9", "revoked")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iban": IBAN[:-1] + "8"}, "IBAN n'est pas juste"),
        ({"debit_day": 31}, "de 1 à 28"),
        ({"holder_name": " "}, "titulaire"),
        ({"rum": "RUM-2"}, "existe déjà pour ce compte"),
        ({"iban": OTHER_IBAN}, "déjà utilisée"),
    ],
)
def test_mandate_that_cannot_be_is_refused_in_words(paying: Records, changes: dict[str, object], said: str) -> None:
    open_mandate(paying, SETUP, MANDATE)
    with pytest.raises(InvalidData, match=said):
        open_mandate(paying, SETUP, replace(MANDATE, **changes))  # type: ignore[arg-type]


def test_iban_is_nowhere_in_clear_in_the_audit(paying: Records) -> None:
    open_mandate(paying, SETUP, MANDATE)
    with paying.read() as session:
        told = " ".join(session.scalars(select(AuditEntry.new).where(AuditEntry.entity == "mandate")))
    assert IBAN[-4:] in told
    assert IBAN not in told


@pytest.mark.parametrize(("iban", "is_right"), [(IBAN, True), (OTHER_IBAN, True), ("", False), ("FR76é", False)])
def test_check_digits_of_an_iban(iban: str, is_right: bool) -> None:
    assert is_iban(iban) is is_right
