"""Purges: a list of what is past its time, an administrator's order, the work, and its proof (docs/adr/0012).

The work runs in one write under an open `purge_window`, which the triggers of facts look at. It is judged again:
what has come into use since the list was drawn up stays.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.data_kinds import data_kind
from records.actors import Actor, Right
from records.database import Records
from records.models import (
    Account,
    Family,
    Person,
    PurgeItem,
    PurgeList,
    PurgeOrder,
    PurgeProof,
    PurgeWindow,
    RetentionRule,
)
from records.operations.authority import today_of
from records.operations.erasure import Done, Eraser
from records.operations.erasure_kinds import carry_out_kind
from records.operations.lookup import add, by_ref, chunks, invalid
from records.operations.purge_due import Due, find_due
from records.operations.registry import operation
from records.operations.retention import rule_on

_NAMES = {
    "family": (Family.id, Family.name),
    "account": (Account.id, Account.display_name),
    "person": (Person.id, Person.last_name),
}


@dataclass(frozen=True, slots=True)
class DueLine:
    """One thing of a list: `name` is read live, and only for files, people and accounts."""

    entity: str
    entity_id: int
    name: str | None
    due_on: date


@dataclass(frozen=True, slots=True)
class ListLine:
    """A purge list: what it is about, how much is on it, and how far it is (`drawn_up`, `ordered`, `done`)."""

    list_ref: str
    kind: str
    judged_on: date
    item_count: int
    state: str
    order_ref: str | None
    reason: str | None
    ordered_by: str | None


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What an order did, table by table, and the hash under which the audit keeps it; no personal value."""

    order_ref: str
    list_ref: str
    kind: str
    reason: str
    items: int
    left: int
    done: tuple[Done, ...]
    sha256: str


@operation(Right.PURGE)
def draw_up_purge(records: Records, actor: Actor, code: str) -> str | None:
    """Draw up the list of what is past its time in a kind of data; returns its ref, None when there is nothing.

    Raises NotFound for an unknown kind, ParameterMissing while the town has adopted no duration for it.
    """
    kind = data_kind(code)
    if kind.months is None:
        raise invalid(f"« {kind.label} » ne s'efface pas ici : {kind.reference}.", code=code)
    with records.read() as session:
        today = today_of(session, records.clock())
        rule = rule_on(session, code, today)
        due = find_due(session, rule, today)
    if not due:
        return None
    with records.write(actor, "draw_up_purge") as write:
        drawn = PurgeList(
            ref=f"purge-{secrets.token_hex(4)}",
            data_kind=code,
            rule_id=rule.id,
            judged_on=today,
            item_count=len(due),
            items_hash=_items_hash(due),
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        list_id = add(write, drawn)
        write.session.add_all(PurgeItem(list_id=list_id, **asdict(each)) for each in due)
        return drawn.ref


@operation(Right.PURGE)
def purge_lists(records: Records, actor: Actor) -> list[ListLine]:
    """Return every list, the newest first."""
    with records.read() as session:
        rows = session.execute(
            select(PurgeList, PurgeOrder)
            .outerjoin(PurgeOrder, PurgeOrder.list_id == PurgeList.id)
            .order_by(PurgeList.id.desc())
        ).all()
        carried = set(session.scalars(select(PurgeProof.order_id)))
        return [
            ListLine(
                drawn.ref,
                drawn.data_kind,
                drawn.judged_on,
                drawn.item_count,
                "drawn_up" if order is None else ("done" if order.id in carried else "ordered"),
                None if order is None else order.ref,
                None if order is None else order.reason,
                None if order is None else order.recorded_by,
            )
            for drawn, order in rows
        ]


@operation(Right.PURGE)
def purge_items(records: Records, actor: Actor, list_ref: str) -> list[DueLine]:
    """Return what is on a list, the oldest first, with its name of today. Raises NotFound."""
    with records.read() as session:
        drawn = by_ref(session, PurgeList, list_ref)
        items = session.scalars(select(PurgeItem).where(PurgeItem.list_id == drawn.id).order_by(PurgeItem.id)).all()
        names = _names(session, items)
        return [
            DueLine(each.entity, each.entity_id, names.get((each.entity, each.entity_id)), each.due_on)
            for each in items
        ]


@operation(Right.PURGE)
def order_purge(records: Records, actor: Actor, list_ref: str, reason: str) -> str:
    """Order that a list be carried out, and say why; returns the order's ref. A list is ordered once."""
    if not reason.strip():
        raise invalid("Dites pourquoi cette purge est ordonnée, par exemple « Fin de conservation ».")
    with records.write(actor, "order_purge") as write:
        drawn = by_ref(write.session, PurgeList, list_ref)
        if write.session.scalar(select(PurgeOrder.id).where(PurgeOrder.list_id == drawn.id)) is not None:
            raise invalid(f"La liste « {list_ref} » est déjà ordonnée. Établissez-en une nouvelle.", ref=list_ref)
        order = PurgeOrder(
            ref=f"ordre-{secrets.token_hex(4)}",
            list_id=drawn.id,
            reason=reason.strip(),
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        add(write, order)
        return order.ref


@operation(Right.PURGE)
def carry_out(records: Records, actor: Actor, order_ref: str) -> PurgeReport:
    """Erase or anonymise what an order says and is still past its time; returns the report. Once an order.

    Raises NotFound, InvalidData when the order was carried out already or its list is not as it was drawn up.
    """
    with records.write(actor, "carry_out") as write:
        session = write.session
        order = by_ref(session, PurgeOrder, order_ref)
        if session.scalar(select(PurgeProof.id).where(PurgeProof.order_id == order.id).limit(1)) is not None:
            raise invalid(f"L'ordre « {order_ref} » a déjà été exécuté.", ref=order_ref)
        drawn = session.get_one(PurgeList, order.list_id)
        items = _still_due(session, drawn, today_of(session, write.now))
        eraser = Eraser(session)
        session.execute(update(PurgeWindow).values(order_id=order.id))
        if items:
            carry_out_kind(write, eraser, drawn.data_kind, items)
        session.flush()
        session.execute(update(PurgeWindow).values(order_id=None))
        handled = sum(len(ids) for ids in items.values())
        counts = [
            Done("purge_item", "handled", (), handled),
            Done("purge_item", "left", (), drawn.item_count - handled),
        ]
        session.add_all(_proof(order.id, each, write.now) for each in [*eraser.done(), *counts])
        session.flush()
        report = _report(session, order, drawn)
        write.audit("purge_order", order_ref, old=None, new={"report_sha256": report.sha256})
        return report


@operation(Right.PURGE)
def purge_report(records: Records, actor: Actor, order_ref: str) -> PurgeReport:
    """Return the report of an order, made again from its proofs. Raises NotFound, InvalidData until it was done."""
    with records.read() as session:
        order = by_ref(session, PurgeOrder, order_ref)
        report = _report(session, order, session.get_one(PurgeList, order.list_id))
        if not report.done:
            raise invalid(f"L'ordre « {order_ref} » n'est pas encore exécuté : marelle rgpd purge {order_ref}")
        return report


def _still_due(session: Session, drawn: PurgeList, today: date) -> dict[str, list[int]]:
    """Return the items of a list that are past their time today too, by table."""
    items = [
        Due(each.entity, each.entity_id, each.due_on)
        for each in session.scalars(select(PurgeItem).where(PurgeItem.list_id == drawn.id))
    ]
    if _items_hash(items) != drawn.items_hash:
        raise invalid(f"La liste « {drawn.ref} » n'est plus celle qui a été établie. Établissez-en une nouvelle.")
    rule = session.get_one(RetentionRule, drawn.rule_id)
    now = {(each.entity, each.entity_id) for each in find_due(session, rule, today)}
    found: dict[str, list[int]] = defaultdict(list)
    for each in items:
        if (each.entity, each.entity_id) in now:
            found[each.entity].append(each.entity_id)
    return found


def _items_hash(items: Sequence[Due]) -> str:
    lines = sorted(f"{each.entity}:{each.entity_id}:{each.due_on.isoformat()}" for each in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _proof(order_id: int, done: Done, now: int) -> PurgeProof:
    return PurgeProof(
        order_id=order_id,
        table_name=done.table,
        done=done.done,
        column_names=",".join(done.columns),
        row_count=done.rows,
        done_at=now,
    )


def _report(session: Session, order: PurgeOrder, drawn: PurgeList) -> PurgeReport:
    proofs = session.scalars(
        select(PurgeProof).where(PurgeProof.order_id == order.id).order_by(PurgeProof.table_name, PurgeProof.done)
    )
    done = tuple(
        Done(each.table_name, each.done, tuple(filter(None, each.column_names.split(","))), each.row_count)
        for each in proofs
    )
    told = {
        "order": order.ref,
        "list": drawn.ref,
        "kind": drawn.data_kind,
        "reason": order.reason,
        "items_hash": drawn.items_hash,
        "done": [asdict(each) for each in done],
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    left = sum(each.rows for each in done if each.done == "left")
    return PurgeReport(order.ref, drawn.ref, drawn.data_kind, order.reason, drawn.item_count, left, done, digest)


def _names(session: Session, items: Sequence[PurgeItem]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for entity, (row_id, name) in _NAMES.items():
        ids = [each.entity_id for each in items if each.entity == entity]
        for part in chunks(ids):
            for each_id, told in session.execute(select(row_id, name).where(row_id.in_(part))):
                found[entity, each_id] = told
    return found
