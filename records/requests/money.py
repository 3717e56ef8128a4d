"""« Banque », « impôts » and « CAF »: what bills rest on, told by the adult whose it is and by nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy import select

from domain.french import euros, number
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Family, Income, Mandate, Payer, Qf, Regime
from records.operations.family_facts import NewQf, NewRegime, add_qf, add_regime
from records.operations.incomes import NewIncome, add_income
from records.operations.lookup import invalid
from records.operations.mandates import NewMandate, is_iban, open_mandate
from records.operations.merged import ids_with_merged
from records.requests.files import payer_of, require_own_payer
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import hidden_iban, said

_QUARTET = 4
_SOURCE_WORDS = {
    "caf": "CAF",
    "msa": "MSA",
    "caf_or_msa": "CAF ou MSA",
    "tax_notice": "avis d'imposition",
    "payslips": "bulletins de paie",
    "declared": "déclaration",
    "computed": "calculé",
    "default": "pas encore connu",
    "none": "non données",
}


class BankV1(Payload):
    """The account to debit for one payer; a changed IBAN is a new mandate, to be signed."""

    payer_ref: str
    holder_name: str
    iban: str
    debit_day: int
    bic: str | None = None


class Bank(RequestKind[BankV1]):
    """Accepted, it opens the draft of a mandate: nothing is debited before it is signed."""

    code = "bank"
    label = "Coordonnées bancaires"
    payloads = (BankV1,)
    reading = Right.SEE_BANK
    writing = frozenset({Right.EDIT_BANK})
    is_personal = True

    def check_sender(self, write: Write, asked: Asked[BankV1]) -> None:
        """Refuse the account of anybody else."""
        require_own_payer(asked, payer_of(asked, asked.payload.payer_ref))

    def look(self, asked: Asked[BankV1]) -> Subject:
        """Return the payer's latest mandate, of which only the end of the IBAN is read, and the account wanted."""
        wanted = asked.payload
        payer = payer_of(asked, wanted.payer_ref)
        assert payer is not None
        iban = "".join(wanted.iban.split()).upper()
        if not is_iban(iban):
            raise invalid("Cet IBAN n'est pas juste : vérifiez-le sur le RIB, chiffre par chiffre.")
        now = _mandate(asked, payer)
        grouped = " ".join(iban[start : start + _QUARTET] for start in range(0, len(iban), _QUARTET))
        fields = (
            Field("holder_name", "Titulaire", None if now is None else now.holder_name, wanted.holder_name),
            Field("iban", "IBAN", None if now is None else hidden_iban(now.iban_end), grouped),
            Field("bic", "BIC", None if now is None else now.bic, wanted.bic),
            Field(
                "debit_day",
                "Jour de prélèvement",
                None if now is None else str(now.debit_day),
                str(wanted.debit_day),
            ),
        )
        return Subject(fields, row=payer, person_id=payer.person_id)

    def apply(self, records: Records, actor: Actor, asked: Asked[BankV1], given: Payload | None) -> tuple[str, ...]:
        """Open the mandate; the request's own reference is its RUM."""
        wanted = asked.payload
        mandate = NewMandate(
            rum=asked.ref.upper(),
            payer_ref=wanted.payer_ref,
            holder_name=wanted.holder_name,
            iban=wanted.iban,
            debit_day=wanted.debit_day,
            bic=wanted.bic,
        )
        open_mandate(records, actor, mandate)
        return ("Le mandat est ouvert en brouillon : faites-le signer avant tout prélèvement.",)


class TaxV1(Payload):
    """The resources of a year in cents, for the whole file or one payer, from a day on."""

    income_year: int
    annual_cents: int
    children: int
    effective_from: date
    aeeh: int = 0
    source: Literal["tax_notice", "payslips", "declared"] = "tax_notice"
    payer_ref: str | None = None


class Tax(RequestKind[TaxV1]):
    """Accepted, it adds an income: the earlier ones stay."""

    code = "tax"
    label = "Impôts"
    payloads = (TaxV1,)
    is_personal = True

    def check_sender(self, write: Write, asked: Asked[TaxV1]) -> None:
        """Refuse the resources of another payer."""
        require_own_payer(asked, payer_of(asked, asked.payload.payer_ref))

    def look(self, asked: Asked[TaxV1]) -> Subject:
        """Return the last income recorded in the same scope, and the one wanted."""
        wanted = asked.payload
        now = _last(asked, Income, payer_of(asked, wanted.payer_ref))
        pairs = (
            ("income_year", "Année des revenus", now and str(now.income_year), str(wanted.income_year)),
            ("annual_cents", "Ressources annuelles", now and euros(now.annual_cents), euros(wanted.annual_cents)),
            ("children", "Enfants à charge", now and str(now.children_count), str(wanted.children)),
            ("aeeh", "Dont ouvrant droit à l'AEEH", now and str(now.aeeh_count), str(wanted.aeeh)),
            ("source", "Justificatif", now and _SOURCE_WORDS[now.source], _SOURCE_WORDS[wanted.source]),
            ("effective_from", "À partir du", now and said(now.effective_from), said(wanted.effective_from)),
        )
        return Subject(tuple(Field(*each) for each in pairs))

    def apply(self, records: Records, actor: Actor, asked: Asked[TaxV1], given: Payload | None) -> tuple[str, ...]:
        """Add the income."""
        add_income(records, actor, asked.family.ref, NewIncome(**asked.payload.model_dump()))
        return ()


class CafV1(Payload):
    """The régime with its allocataire number, the QF that the fund gave (hundredths), or both; from a day on."""

    effective_from: date
    regime_code: str | None = None
    caf_group: Literal["RG", "MSA", "AUTRE"] | None = None
    allocataire_number: str | None = None
    qf_e2: int | None = None
    qf_source: Literal["caf", "msa"] = "caf"
    payer_ref: str | None = None


class Caf(RequestKind[CafV1]):
    """Accepted, it adds a régime, a QF, or both: the earlier ones stay."""

    code = "caf"
    label = "CAF"
    payloads = (CafV1,)
    is_personal = True

    def check_sender(self, write: Write, asked: Asked[CafV1]) -> None:
        """Refuse the QF of another payer."""
        require_own_payer(asked, payer_of(asked, asked.payload.payer_ref))

    def look(self, asked: Asked[CafV1]) -> Subject:
        """Return the last régime and QF recorded, and those wanted."""
        wanted = asked.payload
        if (wanted.regime_code is None) != (wanted.caf_group is None):
            raise invalid("Un régime se donne avec sa caisse : complétez les deux.")
        fields = []
        if wanted.regime_code is not None:
            now = _last(asked, Regime, None)
            fields += [
                Field("regime", "Régime", now and f"{now.code} ({now.caf_group})",
                      f"{wanted.regime_code} ({wanted.caf_group})"),
                Field("allocataire_number", "Numéro d'allocataire", now and now.allocataire_number,
                      wanted.allocataire_number),
            ]  # fmt: skip
        if wanted.qf_e2 is not None:
            qf = _last(asked, Qf, payer_of(asked, wanted.payer_ref))
            fields.append(Field("qf", "Quotient familial", qf and _qf_words(qf.value_e2, qf.source),
                                _qf_words(wanted.qf_e2, wanted.qf_source)))  # fmt: skip
        if not fields:
            raise invalid("Indiquez le régime, le quotient, ou les deux.")
        return Subject((*fields, Field("effective_from", "À partir du", None, said(wanted.effective_from))))

    def apply(self, records: Records, actor: Actor, asked: Asked[CafV1], given: Payload | None) -> tuple[str, ...]:
        """Add the régime and the QF."""
        wanted = asked.payload
        if wanted.regime_code is not None and wanted.caf_group is not None:
            regime = NewRegime(
                wanted.regime_code, wanted.caf_group, wanted.effective_from, wanted.allocataire_number
            )
            add_regime(records, actor, asked.family.ref, regime)
        if wanted.qf_e2 is not None:
            qf = NewQf(wanted.qf_e2, wanted.qf_source, wanted.effective_from, wanted.payer_ref)
            add_qf(records, actor, asked.family.ref, qf)
        return ()


def _qf_words(value_e2: int, source: str) -> str:
    return f"{number(value_e2 // 100)} ({_SOURCE_WORDS[source]})"


def _mandate(asked: Asked[Any], payer: Payer) -> Mandate | None:
    return asked.session.scalar(
        select(Mandate)
        .where(Mandate.payer_id.in_(ids_with_merged(asked.session, Payer, payer.id)), Mandate.state != "revoked")
        .order_by(Mandate.id.desc())
        .limit(1)
    )


def _last(asked: Asked[Any], model: Any, payer: Payer | None) -> Any:
    """Return the last fact of a file by its day of effect, of the same scope where it has one."""
    families = ids_with_merged(asked.session, Family, asked.family.id)
    statement = select(model).where(model.family_id.in_(families))
    if model is not Regime:
        payers = [None] if payer is None else ids_with_merged(asked.session, Payer, payer.id)
        scope = model.payer_id.is_(None) if payer is None else model.payer_id.in_(payers)
        statement = statement.where(scope)
    newest = (model.effective_from.desc(), model.id.desc())
    return asked.session.scalar(statement.order_by(*newest).limit(1))
