"""Reminders of the recaps of MSA vouchers, mailed to the place that still has one to send (domain notes §8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.coverages import recaps_due
from domain.evidence import MICROS_PER_DAY
from domain.time import local_day
from records.actors import RIGHTS_OF_ROLE, Actor, Right
from records.database import Records
from records.models import Account, Collectivity, MessageOutbox, RecapCalendar, RoleGrant
from records.operations.lookup import in_force_on
from records.operations.messages import Letter, mail_of, post_letter
from records.operations.registry import operation
from records.operations.versions import version_on
from records.operations.voucher_recaps import recap_days, recaps_to_send

_REMINDER_DAYS = 30  # a reminder that could not leave for so long is told no more


@operation(Right.RUN_JOBS)
def remind_of_recaps(records: Records, actor: Actor) -> int:
    """Write to whoever runs a place whose recap is still to be sent; returns how many messages.

    Once when the days of reminder begin, once when the day has passed: it may be called as often as one likes. A
    place that nobody runs alone is reminded through who relays its vouchers.
    """
    now = records.clock()
    with records.upkeep() as work:
        timezone = work.scalar(select(Collectivity.timezone))
        if timezone is None:
            return 0
        wanted = {letter.key: letter for letter in _reminders(work, local_day(now, timezone))}
        sent = set(work.scalars(select(MessageOutbox.key).where(MessageOutbox.key.in_(sorted(wanted)))))
        for key in sorted(wanted.keys() - sent):
            post_letter(work, wanted[key], now, now + _REMINDER_DAYS * MICROS_PER_DAY)
        return len(wanted.keys() - sent)


def _reminders(session: Session, today: date) -> Iterator[Letter]:
    calendar = version_on(session, RecapCalendar, {}, today)
    if calendar is None:
        return
    for due_on in recaps_due(recap_days(calendar), today):
        if today < due_on - timedelta(days=calendar.reminder_days):
            continue
        stage = "late" if due_on < today else "soon"
        for place in recaps_to_send(session, calendar, due_on):
            content = {"place": place.name, "due_on": due_on.isoformat(), "is_late": due_on < today}
            for account in _holders(session, place.id, today):
                address = mail_of(account)
                if address is not None:
                    key = f"recap_due-{place.id}-{due_on.isoformat()}-{stage}-{account.id}"
                    yield Letter("recap_due", key, address, {**content, "name": account.display_name}, account.id)


def _holders(session: Session, structure_id: int, today: date) -> list[Account]:
    """Return who handles coverages at the place itself; without anybody, who relays its vouchers."""
    own = _accounts(session, Right.EDIT_COVERAGES, today, RoleGrant.structure_id == structure_id)
    anywhere = or_(RoleGrant.structure_id.is_(None), RoleGrant.structure_id == structure_id)
    return own or _accounts(session, Right.RELAY_VOUCHERS, today, anywhere)


def _accounts(session: Session, right: Right, today: date, where: ColumnElement[bool]) -> list[Account]:
    """Return the open accounts whose role of the day gives a right."""
    roles = sorted(role for role, rights in RIGHTS_OF_ROLE.items() if right in rights)
    held = select(RoleGrant.account_id).where(
        RoleGrant.role.in_(roles), where, *in_force_on(today, RoleGrant.valid_from, RoleGrant.valid_to)
    )
    accounts = select(Account).where(Account.id.in_(held), Account.disabled_at.is_(None))
    return list(session.scalars(accounts.order_by(Account.id)))
