"""What the town prints around its invoices: dated, with the decision that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from domain.payment_code import CollectionCodes
from records.actors import Actor, Right
from records.database import Records
from records.models import PaperSetting
from records.operations.lookup import invalid
from records.operations.registry import operation
from records.operations.versions import add_version, version_on

CODE_LENGTHS = {"establishment": 3, "period": 1, "product": 3, "issuer": 6, "post": 6}
_TEXT_LENGTH_MAX = 2_000


@dataclass(frozen=True, slots=True)
class NewPaperSetting:
    """What is printed from a day on: the sender's lines, ways to pay, remedies; empty texts print nothing.

    `codes` are the accountant's, for « paiement de proximité »; None leaves the place of the code empty.
    """

    valid_from: date
    decision: str
    sender: str = ""
    ways_to_pay: str = ""
    remedies: str = ""
    codes: CollectionCodes | None = None


@operation(Right.EDIT_REFERENCE)
def set_paper(records: Records, actor: Actor, setting: NewPaperSetting) -> int:
    """Say what invoices print from a day on; returns the row's id. Those issued before keep what was in force."""
    if not setting.decision.strip():
        raise invalid("Dites qui a décidé de ces mentions, par exemple « Délibération 2026-12 ».")
    texts = {"sender": setting.sender, "ways_to_pay": setting.ways_to_pay, "remedies": setting.remedies}
    if any(len(text) > _TEXT_LENGTH_MAX for text in texts.values()):
        raise invalid(
            f"Une mention tient en {_TEXT_LENGTH_MAX} caractères : au-delà, elle ne tient plus sur la page."
        )
    codes = setting.codes
    if codes is not None:
        check_codes(codes)
    values = {name: None if codes is None else getattr(codes, name) for name in CODE_LENGTHS}
    with records.write(actor, "set_paper") as write:
        row = {
            "valid_from": setting.valid_from,
            "decision": setting.decision.strip(),
            **{name: text.strip() for name, text in texts.items()},
            **{f"code_{name}": value for name, value in values.items()},
            "sums_debtor_key": codes is not None and codes.sums_debtor_key,
        }
        return add_version(write, PaperSetting, {}, row).id


def check_codes(codes: CollectionCodes) -> None:
    """Raise InvalidData for a code of the treasury that is not of its length, in digits."""
    for name, length in CODE_LENGTHS.items():
        value = getattr(codes, name)
        if not (value.isdecimal() and len(value) == length):
            raise invalid(
                f"Un code de la trésorerie n'a pas sa longueur : « {value} » devrait avoir {length} chiffres.",
                code=name,
            )


def paper_on(session: Session, day: date) -> PaperSetting | None:
    """Return what is printed on a day; None before the town said anything: then invoices show figures alone."""
    return version_on(session, PaperSetting, {}, day)


def codes_of(setting: PaperSetting | None) -> CollectionCodes | None:
    """Return the accountant's codes of a setting; None when the town has none."""
    if setting is None:
        return None
    given = [str(value) for name in CODE_LENGTHS if (value := getattr(setting, f"code_{name}")) is not None]
    if len(given) < len(CODE_LENGTHS):
        return None
    establishment, period, product, issuer, post = given
    return CollectionCodes(establishment, period, product, issuer, post, setting.sums_debtor_key)
