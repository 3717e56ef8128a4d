"""What bodies take over for a child, from the question to the last unit (domain notes §8).

A director asks, prints the quote and applies what the body notified to each enrolment; finance settles the end of
what was already deducted. Only what is notified and applied to an enrolment changes a bill (int_pricing__covered).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.coverages import (
    APPLIED,
    ASKED,
    BODY_OF_KIND,
    CANCELLED,
    KIND_WORDS,
    NEXT,
    NOTIFIED,
    QUOTED,
    REFUSED,
    STATE_WORDS,
    USED_UP,
)
from domain.french import short_date
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    Coverage,
    CoverageEnrolment,
    CoverageEvent,
    Document,
    Enrolment,
    FamilyMember,
    PayingBody,
    Person,
    Service,
    Structure,
)
from records.operations.coverage_terms import CoverageTerms, check_terms, columns_of_terms, refuse_same_rank
from records.operations.lookup import add, by_ref, change, ids_by_ref, invalid, refuse_known
from records.operations.merged import ids_with_merged, kept_by_ref, kept_ids
from records.operations.registry import Scope, operation
from records.operations.versions import check_range, overlap


@dataclass(frozen=True, slots=True)
class NewCoverage:
    """What is asked of a body for a child; without `rank` it comes after the child's others.

    `kind` is decision, yearly_quote, msa_voucher, caf_leisure or works_council; without `service_ref`, any service.
    """

    ref: str
    body_ref: str
    child_ref: str
    kind: str
    terms: CoverageTerms
    valid_from: date
    valid_to: date | None = None
    service_ref: str | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a body answered: its decision's number, the scan, and its terms or days where they differ."""

    decision_number: str
    document_id: int | None = None
    terms: CoverageTerms | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def ask_coverage(records: Records, actor: Actor, coverage: NewCoverage) -> int:
    """Record what is asked of a body; returns its id. Raises InvalidData, NotFound."""
    with records.write(actor, "ask_coverage") as write:
        return _ask(write, coverage).id


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def quote_coverage(records: Records, actor: Actor, ref: str, amount_cents: int, comment: str | None = None) -> None:
    """Record that a quote went to the body, and its amount; a later quote stands."""
    if amount_cents <= 0:
        raise invalid("Le montant du devis doit dépasser 0.")
    with records.write(actor, "quote_coverage") as write:
        row = _in_state(write.session, ref, QUOTED)
        change(write, row, {"state": QUOTED})
        _tell(write, row, comment, amount_cents)


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def notify_coverage(records: Records, actor: Actor, ref: str, notice: Notice) -> None:
    """Record what the body agreed to: number, scan, terms. It pays once it is applied to an enrolment too."""
    with records.write(actor, "notify_coverage") as write:
        _notify(write, _in_state(write.session, ref, NOTIFIED), notice)


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def record_coverage(records: Records, actor: Actor, coverage: NewCoverage, notice: Notice) -> int:
    """Record a paper that comes already decided (MSA or leisure voucher, works council); returns its id."""
    with records.write(actor, "record_coverage") as write:
        row = _ask(write, coverage)
        _notify(write, row, notice)
        return row.id


@operation(Right.EDIT_COVERAGES, Scope.PLACE)
def apply_coverage(
    records: Records, actor: Actor, structure_ref: str, ref: str, enrolment_refs: Sequence[str]
) -> list[int]:
    """Apply a notified coverage to the child's enrolments at a place; returns the ids. From its first day on.

    Raises InvalidData for an enrolment of another child, service, place or time.
    """
    if not enrolment_refs:
        raise invalid("Choisissez au moins une inscription.")
    with records.write(actor, "apply_coverage") as write:
        session = write.session
        place = by_ref(session, Structure, structure_ref)
        actor.require(Right.EDIT_COVERAGES, place.id)
        row = by_ref(session, Coverage, ref)
        if row.state not in (NOTIFIED, APPLIED):
            raise _impossible(row, APPLIED)
        ids = ids_by_ref(session, Enrolment, enrolment_refs)
        applied = []
        for enrolment_ref in enrolment_refs:
            enrolment = session.get_one(Enrolment, ids[enrolment_ref])
            _check_enrolment(session, row, enrolment, place)
            applied.append(_apply(write, row, enrolment))
        if change(write, row, {"state": APPLIED}):
            _tell(write, row, None)
        return applied


@operation(Right.EDIT_COVERAGES, Scope.PLACE)
def remove_coverage(records: Records, actor: Actor, ref: str, enrolment_ref: str, day: date) -> bool:
    """Take a coverage off an enrolment from a day on; False when it was off from then already."""
    with records.write(actor, "remove_coverage") as write:
        session = write.session
        row, enrolment = by_ref(session, Coverage, ref), by_ref(session, Enrolment, enrolment_ref)
        actor.require(Right.EDIT_COVERAGES, enrolment.structure_id)
        link = _link(session, row.id, enrolment.id)
        if link is None:
            raise invalid("Cette prise en charge n'est pas appliquée à cette inscription.", coverage=ref)
        return change(write, link, {"removed_on": day})


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE, also=frozenset({Right.CLAIM_COVERAGES}))
def end_coverage(records: Records, actor: Actor, ref: str, state: str, reason: str) -> None:
    """Record that a coverage is refused, cancelled, used up, or (once used up) goes on; with the reason.

    Cancelling, or reviving, what bills already deduct takes the right of finance: what was billed changes.
    """
    if not reason.strip():
        raise invalid("Dites pourquoi : le motif reste dans l'historique.")
    if state not in (REFUSED, CANCELLED, USED_UP, APPLIED):
        raise invalid("Une prise en charge se termine refusée, annulée ou épuisée.", state=state)
    with records.write(actor, "end_coverage") as write:
        row = _in_state(write.session, ref, state)
        if row.state in (APPLIED, USED_UP) and state in (CANCELLED, APPLIED):
            actor.require(Right.CLAIM_COVERAGES)
        if row.state == NOTIFIED and state == APPLIED:
            raise invalid("Appliquez-la aux inscriptions de l'enfant : elle sera alors appliquée.", coverage=ref)
        change(write, row, {"state": state})
        _tell(write, row, reason.strip())


@operation(Right.EDIT_COVERAGES, Scope.ANYWHERE)
def order_coverages(records: Records, actor: Actor, refs: Sequence[str]) -> None:
    """Say in which order the coverages of a child pay: the first its share of the price, the next of the rest.

    Raises InvalidData for coverages of several children.
    """
    with records.write(actor, "order_coverages") as write:
        session = write.session
        ids = ids_by_ref(session, Coverage, refs)
        rows = [session.get_one(Coverage, ids[ref]) for ref in dict.fromkeys(refs)]
        kept = kept_ids(session, Person)
        if len({kept.of(row.child_id) for row in rows}) > 1:
            raise invalid("Ces prises en charge ne sont pas du même enfant.")
        for rank, row in enumerate(rows, 1):
            change(write, row, {"rank": rank})
        session.flush()
        for row in rows:
            refuse_same_rank(session, row)


def _ask(write: Write, coverage: NewCoverage) -> Coverage:
    check_range(coverage.valid_from, coverage.valid_to)
    session = write.session
    refuse_known(session, Coverage, [coverage.ref])
    body = by_ref(session, PayingBody, coverage.body_ref)
    _refuse_closed_body(body, coverage.valid_from)
    if coverage.kind not in KIND_WORDS:
        raise invalid("Ce type de prise en charge n'existe pas.", kind=coverage.kind)
    if BODY_OF_KIND.get(coverage.kind, body.kind) != body.kind:
        raise invalid(f"« {body.name} » ne donne pas de {KIND_WORDS[coverage.kind]} : choisissez un autre type.")
    check_terms(session, body, coverage.kind, coverage.terms, coverage.valid_from)
    child = kept_by_ref(session, Person, coverage.child_ref)
    row = Coverage(
        ref=coverage.ref,
        body_id=body.id,
        child_id=child.id,
        service_id=None if coverage.service_ref is None else by_ref(session, Service, coverage.service_ref).id,
        state=ASKED,
        kind=coverage.kind,
        rank=_next_rank(session, child.id) if coverage.rank is None else coverage.rank,
        valid_from=coverage.valid_from,
        valid_to=coverage.valid_to,
        **columns_of_terms(coverage.terms),
    )
    refuse_same_rank(session, row)
    add(write, row)
    _tell(write, row, None)
    return row


def _refuse_closed_body(body: PayingBody, day: date) -> None:
    """Raise InvalidData for a body that does not pay yet, or no more, on a day."""
    if body.valid_from > day:
        raise invalid(f"« {body.name} » ne paie qu'à partir du {short_date(body.valid_from)}.", body=body.ref)
    if body.valid_to is not None and body.valid_to <= day:
        raise invalid(f"« {body.name} » ne paie plus depuis le {short_date(body.valid_to)}.", body=body.ref)


def _notify(write: Write, row: Coverage, notice: Notice) -> None:
    session, number = write.session, notice.decision_number.strip()
    if not number:
        raise invalid("Indiquez le numéro de la décision : l'état mensuel en porte une ligne par décision.")
    taken = session.scalar(
        select(Coverage.ref).where(
            Coverage.body_id == row.body_id,
            Coverage.child_id.in_(ids_with_merged(session, Person, row.child_id)),
            Coverage.decision_number == number,
            Coverage.id != row.id,
        )
    )
    if taken is not None:
        raise invalid(f"La décision « {number} » est déjà enregistrée pour cet enfant : « {taken} ».", ref=taken)
    changes: dict[str, object] = {"state": NOTIFIED, "decision_number": number}
    start, end = notice.valid_from or row.valid_from, notice.valid_to or row.valid_to
    check_range(start, end)
    changes |= {"valid_from": start, "valid_to": end}
    if notice.terms is not None:
        check_terms(session, session.get_one(PayingBody, row.body_id), row.kind, notice.terms, start)
        changes |= columns_of_terms(notice.terms)
    if notice.document_id is not None:
        _check_document(session, row.child_id, notice.document_id)
        changes["document_id"] = notice.document_id
    change(write, row, changes)
    refuse_same_rank(session, row)
    _tell(write, row, None)


def _check_document(session: Session, child_id: int, document_id: int) -> None:
    people = ids_with_merged(session, Person, child_id)
    document = session.get(Document, document_id)
    files = select(FamilyMember.family_id).where(FamilyMember.person_id.in_(people), FamilyMember.role == "child")
    if document is None or not (document.person_id in people or document.family_id in session.scalars(files).all()):
        raise invalid("Ce document n'est pas du dossier de l'enfant : recevez-le d'abord.", document=document_id)


def _check_enrolment(session: Session, row: Coverage, enrolment: Enrolment, place: Structure) -> None:
    if enrolment.person_id not in ids_with_merged(session, Person, kept_ids(session, Person).of(row.child_id)):
        raise invalid(f"L'inscription « {enrolment.ref} » est d'un autre enfant.", enrolment=enrolment.ref)
    if enrolment.structure_id != place.id:
        raise invalid(
            f"L'inscription « {enrolment.ref} » n'est pas à {place.name} : sa direction l'y applique.",
            enrolment=enrolment.ref,
        )
    if row.service_id not in (None, enrolment.service_id):
        raise invalid(f"L'inscription « {enrolment.ref} » est d'un autre service.", enrolment=enrolment.ref)
    if not overlap((row.valid_from, row.valid_to), (enrolment.valid_from, enrolment.valid_to)):
        raise invalid(
            f"L'inscription « {enrolment.ref} » n'a aucun jour commun avec la prise en charge, qui commence le "
            f"{short_date(row.valid_from)}.",
            enrolment=enrolment.ref,
        )


def _apply(write: Write, row: Coverage, enrolment: Enrolment) -> int:
    link = _link(write.session, row.id, enrolment.id)
    if link is None:
        return add(write, CoverageEnrolment(coverage_id=row.id, enrolment_id=enrolment.id))
    change(write, link, {"removed_on": None})
    return link.id


def _link(session: Session, coverage_id: int, enrolment_id: int) -> CoverageEnrolment | None:
    return session.scalar(
        select(CoverageEnrolment).where(
            CoverageEnrolment.coverage_id == coverage_id, CoverageEnrolment.enrolment_id == enrolment_id
        )
    )


def _next_rank(session: Session, child_id: int) -> int:
    people = ids_with_merged(session, Person, child_id)
    last = session.scalar(
        select(func.max(Coverage.rank)).where(
            Coverage.child_id.in_(people), Coverage.state.not_in((REFUSED, CANCELLED))
        )
    )
    return (last or 0) + 1


def _in_state(session: Session, ref: str, wanted: str) -> Coverage:
    """Return a coverage that may pass to the state wanted."""
    row = by_ref(session, Coverage, ref)
    if wanted not in NEXT[row.state]:
        raise _impossible(row, wanted)
    return row


def _impossible(row: Coverage, wanted: str) -> Exception:
    return invalid(
        f"Une prise en charge {STATE_WORDS[row.state]} ne devient pas « {STATE_WORDS[wanted]} ».",
        coverage=row.ref,
        state=row.state,
    )


def _tell(write: Write, row: Coverage, comment: str | None, amount_cents: int | None = None) -> None:
    """Write the event of a coverage's new state."""
    seq = write.session.scalar(select(func.count()).where(CoverageEvent.coverage_id == row.id)) or 0
    add(
        write,
        CoverageEvent(
            coverage_id=row.id,
            seq=seq + 1,
            state=row.state,
            comment=comment,
            amount_cents=amount_cents,
            recorded_at=write.now,
            recorded_by=write.actor.signature,
        ),
    )
