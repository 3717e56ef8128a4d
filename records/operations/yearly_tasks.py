"""The tasks of each year (domain notes §4): the list that staff keep, what is due, what was done, and reminders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.evidence import MICROS_PER_DAY
from domain.time import local_day
from domain.yearly_tasks import PROPOSED, YearlyDay, is_yearly_day
from records.actors import RIGHTS_OF_ROLE, Actor, Right
from records.database import Records
from records.models import Account, Collectivity, MessageOutbox, RoleGrant, YearlyTask, YearlyTaskMark
from records.operations.family_search import local_day_of
from records.operations.kept_lists import Kept, add_kept, row_to_edit
from records.operations.lookup import add, by_ref, change, in_force_on, invalid
from records.operations.messages import Letter, mail_of, post_letter
from records.operations.registry import Scope, operation
from records.operations.task_places import TaskPlace, is_done, last_mark, next_seq, open_places, places_of

# Whoever does a task is staff: each of these goes with seeing family files.
TASK_RIGHTS = (
    Right.ADMINISTER,
    Right.MANAGE_ACCOUNTS,
    Right.EDIT_REFERENCE,
    Right.EDIT_FAMILIES,
    Right.MERGE_FAMILIES,
    Right.EDIT_ENROLMENTS,
    Right.EDIT_COVERAGES,
    Right.RELAY_VOUCHERS,
    Right.CLAIM_COVERAGES,
    Right.KEEP_ACCOUNTS,
    Right.DECLARE_CAF,
    Right.PURGE,
)
TASK_FIELDS = frozenset({"label", "how", "due_month", "due_day", "notice_days", "held_right", "valid_to"})
NOTICE_MAX = 180
_REMINDER_DAYS = 30  # a reminder that could not leave for so long is told no more


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task of each year from a day on: its day, how many days before it is asked for, and who does it."""

    ref: str
    label: str
    due_month: int
    due_day: int
    held_right: str
    valid_from: date
    how: str | None = None
    notice_days: int = 15
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class TaskMark:
    """A task done, or not done after all; `due_on` None: the day it is asked for, else the next one.

    `structure_ref`: by that place alone, of a task that each place does for itself; None: by everybody.
    """

    ref: str
    is_done: bool = True
    due_on: date | None = None
    comment: str | None = None
    structure_ref: str | None = None


@dataclass(frozen=True, slots=True)
class DueTask:
    """A task that is asked for and not done; `is_late` once its day has passed.

    `places` are those of the actor that have not noted theirs, of a task that each place does for itself.
    """

    ref: str
    label: str
    how: str | None
    held_right: str
    due_on: date
    is_late: bool
    places: tuple[TaskPlace, ...] = ()


@operation(Right.EDIT_REFERENCE)
def add_task(records: Records, actor: Actor, task: NewTask) -> int:
    """Add a task of each year; returns its id. Raises InvalidData."""
    _check(task.due_month, task.due_day, task.notice_days, task.held_right)
    with records.write(actor, "add_task") as write:
        return add_kept(write, YearlyTask, asdict(task))


@operation(Right.EDIT_REFERENCE)
def propose_tasks(records: Records, actor: Actor, valid_from: date) -> int:
    """Add those of the proposed list whose reference is not there yet, from a day on; returns how many."""
    with records.write(actor, "propose_tasks") as write:
        known = set(write.session.scalars(select(YearlyTask.ref)))
        new = [task for task in PROPOSED if task.ref not in known]
        for task in new:
            values = asdict(task)
            values["due_month"], values["due_day"] = values.pop("month"), values.pop("day")
            add_kept(write, YearlyTask, {**values, "valid_from": valid_from, "valid_to": None})
        return len(new)


@operation(Right.EDIT_REFERENCE)
def edit_task(records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int) -> bool:
    """Change TASK_FIELDS of a task; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    with records.write(actor, "edit_task") as write:
        row = row_to_edit(write, YearlyTask, ref, changes, TASK_FIELDS)
        new = {
            name: changes.get(name, getattr(row, name))
            for name in ("due_month", "due_day", "notice_days", "held_right")
        }
        _check(*new.values())
        return change(write, row, dict(changes), row_version=row_version)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def yearly_tasks(records: Records, actor: Actor) -> list[Kept[NewTask]]:
    """Return every task of the year in its order, ended ones too."""
    with records.read() as session:
        rows = session.scalars(select(YearlyTask).order_by(YearlyTask.due_month, YearlyTask.due_day, YearlyTask.id))
        return [_kept(row) for row in rows]


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def task_named(records: Records, actor: Actor, ref: str) -> Kept[NewTask]:
    """Return one task, with the version to give back when it is edited. Raises NotFound."""
    with records.read() as session:
        return _kept(by_ref(session, YearlyTask, ref))


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE, also=frozenset(TASK_RIGHTS))
def due_tasks(records: Records, actor: Actor) -> list[DueTask]:
    """Return the tasks that are asked for today, not done, and the actor's to do; the oldest first."""
    with records.read() as session:
        today = local_day_of(session, records.clock())
        found = []
        for row, due_on, waited in _asked(session, today):
            right = Right(row.held_right)
            mine = None if waited is None else tuple(each for each in waited if actor.may(right, each.id))
            if actor.may_somewhere(right) if mine is None else mine:
                found.append(
                    DueTask(row.ref, row.label, row.how, row.held_right, due_on, due_on < today, mine or ())
                )
        return found


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE, also=frozenset(TASK_RIGHTS))
def mark_task(records: Records, actor: Actor, mark: TaskMark) -> date:
    """Note that a task is done, or not done after all; returns the day it was due.

    For everybody, a task that each place does for itself asks for the right at all of them. Raises NotFound,
    NotAllowed for another's task, InvalidData for a day it is not due, a place that does not do it, or nothing new.
    """
    with records.write(actor, "mark_task") as write:
        session = write.session
        row = by_ref(session, YearlyTask, mark.ref)
        actor.require_somewhere(Right(row.held_right))
        due_on = _due_on(row, mark.due_on, local_day_of(session, write.now))
        structure_id = _marked_place(session, actor, (row, due_on), mark.structure_ref)
        last = last_mark(session, row.id, due_on, structure_id)
        if mark.is_done == (last is not None and last.is_done):
            raise invalid("C'est déjà noté ainsi." if last else "Cette tâche n'est pas encore notée faite.")
        new = YearlyTaskMark(
            task_id=row.id,
            due_on=due_on,
            structure_id=structure_id,
            seq=next_seq(session, row.id, due_on),
            is_done=mark.is_done,
            comment=mark.comment,
            recorded_at=write.now,
            recorded_by=actor.signature,
        )
        add(write, new)
        return due_on


@operation(Right.RUN_JOBS)
def remind_of_tasks(records: Records, actor: Actor) -> int:
    """Write to whoever holds the right of a task that is asked for and not done; returns how many messages.

    Once when its notice begins, once when its day has passed: it may be called as often as one likes.
    """
    now = records.clock()
    with records.upkeep() as work:
        timezone = work.scalar(select(Collectivity.timezone))
        if timezone is None:
            return 0
        today = local_day(now, timezone)
        wanted = {letter.key: letter for letter in _reminders(work, today)}
        sent = set(work.scalars(select(MessageOutbox.key).where(MessageOutbox.key.in_(sorted(wanted)))))
        for key in sorted(wanted.keys() - sent):
            post_letter(work, wanted[key], now, now + _REMINDER_DAYS * MICROS_PER_DAY)
        return len(wanted.keys() - sent)


def _kept(row: YearlyTask) -> Kept[NewTask]:
    return Kept(
        NewTask(
            row.ref,
            row.label,
            row.due_month,
            row.due_day,
            row.held_right,
            row.valid_from,
            row.how,
            row.notice_days,
            row.valid_to,
        ),
        row.row_version,
    )


def _reminders(session: Session, today: date) -> Iterator[Letter]:
    """Yield what each holder of a task's right is to be told today."""
    for row, due_on, waited in _asked(session, today):
        stage = "late" if due_on < today else "soon"
        content = {
            "what": row.label,
            "how": row.how,
            "due_on": due_on.isoformat(),
            "is_late": due_on < today,
            "held_right": row.held_right,
        }
        for account, places in _holders(session, Right(row.held_right), today):
            address = mail_of(account)
            mine = [each.label for each in waited or () if places is None or each.id in places]
            if address is not None and (mine or waited is None):
                key = f"task_due-{row.id}-{due_on.isoformat()}-{stage}-{account.id}"
                told = {**content, "name": account.display_name, "places": mine}
                yield Letter("task_due", key, address, told, account.id)


def _holders(session: Session, right: Right, today: date) -> list[tuple[Account, set[int] | None]]:
    """Return the open accounts whose role of the day gives a right, each with its places; None for everywhere."""
    roles = sorted(role for role, rights in RIGHTS_OF_ROLE.items() if right in rights)
    grants = session.execute(
        select(RoleGrant.account_id, RoleGrant.structure_id).where(
            RoleGrant.role.in_(roles), *in_force_on(today, RoleGrant.valid_from, RoleGrant.valid_to)
        )
    )
    held: dict[int, set[int | None]] = {}
    for account_id, structure_id in grants:
        held.setdefault(account_id, set()).add(structure_id)
    accounts = select(Account).where(Account.id.in_(held), Account.disabled_at.is_(None))
    return [
        (account, None if None in (places := held[account.id]) else {each for each in places if each is not None})
        for account in session.scalars(accounts.order_by(Account.id))
    ]


def _asked(session: Session, today: date) -> list[tuple[YearlyTask, date, list[TaskPlace] | None]]:
    """Return the tasks that are asked for and not done, with the day each is due, the oldest first.

    With the places that have not noted theirs, None where the task is done once for the town.
    """
    asked = []
    for row in session.scalars(select(YearlyTask)):
        due_on = _yearly_day(row).asked_on(today)
        if due_on is None or is_done(session, row.id, due_on):
            continue
        places = places_of(session, row, due_on)
        waited = open_places(session, row, due_on, places)
        if waited or not places:
            asked.append((row, due_on, waited if places else None))
    return sorted(asked, key=lambda each: (each[1], each[0].id))


def _marked_place(
    session: Session, actor: Actor, asked: tuple[YearlyTask, date], structure_ref: str | None
) -> int | None:
    """Return the place a mark is about, None for everybody. Raises NotAllowed, InvalidData for one without it."""
    row, due_on = asked
    places = places_of(session, row, due_on)
    if structure_ref is None:
        for each in places:
            actor.require(Right(row.held_right), each.id)
        return None
    found = next((each for each in places if each.ref == structure_ref), None)
    if found is None:
        raise invalid("Ce lieu ne fait pas cette tâche pour lui seul : notez-la pour tous.", task=row.ref)
    actor.require(Right(row.held_right), found.id)
    return found.id


def _due_on(row: YearlyTask, asked: date | None, today: date) -> date:
    """Return the day that a mark is about. Raises InvalidData when the task does not fall on it."""
    yearly = _yearly_day(row)
    due_on = asked or yearly.asked_on(today) or yearly.next_after(today)
    if due_on is None or due_on not in yearly.due_days(due_on, due_on):
        raise invalid("Cette tâche ne tombe pas ce jour-là : regardez sa date dans la liste.", task=row.ref)
    return due_on


def _yearly_day(row: YearlyTask) -> YearlyDay:
    return YearlyDay(row.due_month, row.due_day, row.notice_days, row.valid_from, row.valid_to)


def _check(month: object, day: object, notice_days: object, held_right: object) -> None:
    if not (isinstance(month, int) and isinstance(day, int) and is_yearly_day(month, day)):
        raise invalid("Donnez un jour que chaque année a : le mois de 1 à 12, et un jour de ce mois.", day=day)
    if not (isinstance(notice_days, int) and 0 <= notice_days <= NOTICE_MAX):
        raise invalid(f"Une tâche se rappelle de 0 à {NOTICE_MAX} jours avant.", notice_days=notice_days)
    if held_right not in TASK_RIGHTS:
        raise invalid("Dites qui fait cette tâche par un droit de la liste.", held_right=held_right)
