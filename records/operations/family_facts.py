"""What is true of a family from a day on, and only ever added: QF, régime, custody (domain notes §3)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.french import short_date
from domain.regimes import group_named
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import CustodyCalendar, Family, Payer, Person, Qf, Regime
from records.models.incomes import QF_UNKNOWN_E2
from records.operations.lookup import invalid
from records.operations.merged import ids_with_merged, kept_by_ref, kept_ids_by_ref, payer_of
from records.operations.registry import Scope, operation
from records.operations.state_values import parameter_on

CUSTODY_CYCLE_DAYS = 14


@dataclass(frozen=True, slots=True)
class NewQf:
    """A QF from a day on, in hundredths, for the whole file or one payer; no value = « 9999 », not known yet."""

    value_e2: int | None
    source: str
    effective_from: date | None
    payer_ref: str | None = None


@dataclass(frozen=True, slots=True)
class NewRegime:
    """The fund that the family belongs to from a day on; `caf_group` is RG, MSA or AUTRE.

    None asks for the group that the State gives that fund on that day.
    """

    code: str
    caf_group: str | None
    effective_from: date
    allocataire_number: str | None = None


@dataclass(frozen=True, slots=True)
class NewCustodyCalendar:
    """Which of two payers has the child: 14 characters « 1 » or « 2 », repeated from `anchor_on`."""

    child_ref: str
    valid_from: date
    anchor_on: date
    pattern: str
    payer_1_ref: str
    payer_2_ref: str


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_qf(records: Records, actor: Actor, family_ref: str, qf: NewQf) -> int:
    """Add a QF; earlier ones stay as they are. Returns its id (domain notes §3: never deleted or overwritten)."""
    check_qf(qf)
    with records.write(actor, "add_qf") as write:
        family = kept_by_ref(write.session, Family, family_ref)
        payer = payer_of(write.session, family, qf.payer_ref)
        return add_qf_row(write, family.id, None if payer is None else payer.id, qf)


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_regime(records: Records, actor: Actor, family_ref: str, regime: NewRegime) -> int:
    """Add the régime of a family from a day on; returns its id. Raises InvalidData, NotFound, ParameterMissing."""
    if not regime.code.strip():
        raise invalid("Donnez le nom de la caisse de la famille.")
    with records.write(actor, "add_regime") as write:
        family = kept_by_ref(write.session, Family, family_ref)
        known = asdict(with_group(write.session, regime))
        row = Regime(family_id=family.id, recorded_at=write.now, **known)
        write.session.add(row)
        write.session.flush()
        write.audit("regime", row.id, old=None, new={"family": family_ref, **known})
        return row.id


def with_group(session: Session, regime: NewRegime) -> NewRegime:
    """Return the régime with its group, the State's of its first day if none is said; raises ParameterMissing."""
    if regime.caf_group is not None:
        return regime
    value = parameter_on(session, f"caf.regimes.{regime.code}", regime.effective_from)
    return replace(regime, caf_group=group_named(int(value)))


@operation(Right.EDIT_FAMILIES, Scope.ANYWHERE)
def add_custody_calendar(records: Records, actor: Actor, calendar: NewCustodyCalendar) -> int:
    """Add the custody calendar of a child from a day on; returns its id."""
    with records.write(actor, "add_custody_calendar") as write:
        return add_custody_row(write, calendar)


def check_qf(qf: NewQf) -> None:
    """Raise InvalidData for a QF that cannot be."""
    if qf.effective_from is None:
        raise invalid("Indiquez la date d'effet du QF.")
    if qf.source not in ("caf", "msa", "computed", "default"):
        raise invalid(f"Origine du QF inconnue : « {qf.source} ».", source=qf.source)
    is_unknown = qf.value_e2 is None or qf.value_e2 == QF_UNKNOWN_E2
    if is_unknown != (qf.source == "default"):
        raise invalid("Le QF 9999 veut dire « pas encore connu » : il n'a pas d'autre origine, et inversement.")
    if qf.value_e2 is not None and qf.value_e2 < 0:
        raise invalid("Un QF ne peut pas être négatif.", value_e2=qf.value_e2)


def check_custody_pattern(pattern: str) -> None:
    """Raise InvalidData for a cycle that is not 14 days of payer 1 or 2."""
    if len(pattern) != CUSTODY_CYCLE_DAYS or not set(pattern) <= {"1", "2"}:
        raise invalid("Un calendrier de garde donne 14 jours, chacun au payeur 1 ou 2.", pattern=pattern)


def qf_row(write: Write, family_id: int, payer_id: int | None, qf: NewQf) -> Qf:
    """Return the row of a QF as recorded now."""
    return Qf(
        family_id=family_id,
        payer_id=payer_id,
        effective_from=qf.effective_from,
        recorded_at=write.now,
        value_e2=QF_UNKNOWN_E2 if qf.value_e2 is None else qf.value_e2,
        source=qf.source,
    )


def add_qf_row(write: Write, family_id: int, payer_id: int | None, qf: NewQf) -> int:
    """Add a QF that points at the one it corrects: same scope and same day of effect."""
    families = ids_with_merged(write.session, Family, family_id)
    payers = [] if payer_id is None else ids_with_merged(write.session, Payer, payer_id)
    corrected = write.session.scalar(
        select(Qf.id)
        .where(
            Qf.family_id.in_(families),
            Qf.payer_id.is_(None) if payer_id is None else Qf.payer_id.in_(payers),
            Qf.effective_from == qf.effective_from,
        )
        .order_by(Qf.recorded_at.desc(), Qf.id.desc())
        .limit(1)
    )
    row = qf_row(write, family_id, payer_id, qf)
    row.replaces_id = corrected
    write.session.add(row)
    write.session.flush()
    write.audit("qf", row.id, old=None, new={"family_id": family_id, **asdict(qf)})
    return row.id


def add_custody_row(write: Write, calendar: NewCustodyCalendar) -> int:
    """Add a custody calendar inside an open write; returns its id."""
    check_custody_pattern(calendar.pattern)
    child = kept_by_ref(write.session, Person, calendar.child_ref)
    payers = kept_ids_by_ref(write.session, Payer, (calendar.payer_1_ref, calendar.payer_2_ref))
    if payers[calendar.payer_1_ref] == payers[calendar.payer_2_ref]:
        raise invalid("Un calendrier de garde partage l'enfant entre deux payeurs différents.")
    known = select(CustodyCalendar).where(
        CustodyCalendar.child_id == child.id, CustodyCalendar.valid_from == calendar.valid_from
    )
    if write.session.scalar(known) is not None:
        raise invalid(
            f"{child.first_name} a déjà un calendrier de garde qui commence le {short_date(calendar.valid_from)}. "
            "Un calendrier ne se modifie pas : choisissez une autre date de début."
        )
    row = CustodyCalendar(
        child_id=child.id,
        valid_from=calendar.valid_from,
        anchor_on=calendar.anchor_on,
        pattern=calendar.pattern,
        payer_1_id=payers[calendar.payer_1_ref],
        payer_2_id=payers[calendar.payer_2_ref],
    )
    write.session.add(row)
    write.session.flush()
    write.audit("custody_calendar", row.id, old=None, new=asdict(calendar))
    return row.id
