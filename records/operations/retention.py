"""How long each kind of data is kept: dated rules that the town adopts, and the day on which a thing is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from domain.data_kinds import DataKind, data_kind, data_kinds
from domain.errors import ParameterMissing
from domain.french import short_date, typeset
from domain.time import months_after
from records.actors import Actor, Right
from records.database import Records
from records.models import RetentionRule
from records.operations.authority import today_of
from records.operations.lookup import invalid
from records.operations.registry import operation
from records.operations.versions import add_version, version_on


@dataclass(frozen=True, slots=True)
class NewRetention:
    """How many months a kind is kept from a day on, and who decided so (« Avis du DPO du 3 mai »)."""

    code: str
    months: int
    valid_from: date
    source: str


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """A kind with its rule in force, None while the town has adopted none; `proposed` is what Marelle suggests."""

    kind: DataKind
    months: int | None
    valid_from: date | None
    source: str | None

    @property
    def proposed(self) -> int | None:
        """The months that Marelle suggests."""
        return self.kind.months


@operation(Right.ADMINISTER)
def keep_for(records: Records, actor: Actor, new: NewRetention) -> int:
    """Adopt how long a kind is kept, from a day on; returns the rule's id.

    Raises NotFound for a kind that does not exist, InvalidData for one that Marelle never erases by itself.
    """
    kind = data_kind(new.code)
    if kind.months is None:
        raise invalid(f"« {kind.label} » ne s'efface pas ici : {kind.reference}.", code=new.code)
    if new.months < 0 or not new.source.strip():
        raise invalid("Donnez un nombre de mois et qui en a décidé, par exemple « Avis du DPO du 3 mai ».")
    with records.write(actor, "keep_for") as write:
        values = {
            "valid_from": new.valid_from,
            "months": new.months,
            "counted_from": kind.counted_from,
            "ending": kind.ending,
            "source": new.source.strip(),
        }
        return int(add_version(write, RetentionRule, {"data_kind": new.code}, values).id)


@operation(Right.ADMINISTER)
def list_retention(records: Records, actor: Actor) -> list[RetentionLine]:
    """Return every kind of data with the rule in force today."""
    with records.read() as session:
        today = today_of(session, records.clock())
        found = {code: version_on(session, RetentionRule, {"data_kind": code}, today) for code in data_kinds()}
        return [
            RetentionLine(data_kinds()[code], None, None, None)
            if rule is None
            else RetentionLine(data_kinds()[code], rule.months, rule.valid_from, rule.source)
            for code, rule in found.items()
        ]


def rule_on(session: Session, code: str, day: date) -> RetentionRule:
    """Return the rule of a kind in force on a day. Raises ParameterMissing: without one nothing is due."""
    rule = version_on(session, RetentionRule, {"data_kind": code}, day)
    if rule is None:
        raise ParameterMissing(
            typeset(
                f"Aucune durée n'est fixée le {short_date(day)} pour « {data_kind(code).label} ». Fixez-la : "
                f"marelle rgpd keep {code} --months MOIS --source TEXTE"
            ),
            parameter=code,
            day=day,
        )
    return rule


def due_on(rule: RetentionRule, last_day: date) -> date:
    """Return the first day on which something kept since `last_day` may go."""
    return months_after(last_day, rule.months)
