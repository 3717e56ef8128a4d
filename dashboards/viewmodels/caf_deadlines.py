"""What is due to the CAF and when: what is asked for now, what is late, what is done, and the next day of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from dashboards.viewmodels.tables import Cell, Table
from domain.french import long_date, short_date, typeset
from domain.yearly_tasks import YearlyDay
from records.actors import Right
from records.operations.yearly_tasks import DueTask, NewTask


def due_words(due: Iterable[DueTask]) -> list[str]:
    """Return what is asked for now, a sentence each, what is late first."""
    return [
        typeset(
            f"**En retard** : {one.label}. C'était à faire au plus tard le {long_date(one.due_on)}."
            if one.is_late
            else f"**À faire** au plus tard le {long_date(one.due_on)} : {one.label}."
        )
        for one in sorted(due, key=lambda each: each.due_on)
    ]


def deadlines_table(tasks: Iterable[NewTask], due: Sequence[DueTask], today: date) -> Table:
    """Return each deadline of the CAF with its next day and where it stands, the first to come first."""
    asked = {each.ref: each for each in due}
    rows = []
    for task in tasks:
        if task.held_right != Right.DECLARE_CAF:
            continue
        yearly = YearlyDay(task.due_month, task.due_day, task.notice_days, task.valid_from, task.valid_to)
        stands = _standing(asked.get(task.ref), yearly, task.notice_days, today)
        if stands is not None:
            rows.append((stands[0], task.label, stands[1]))
    lines: list[tuple[Cell, ...]] = [(label, short_date(day), words) for day, label, words in sorted(rows)]
    return Table(("Échéance", "Au plus tard", "Où elle en est"), tuple(lines))


def _standing(due: DueTask | None, yearly: YearlyDay, notice_days: int, today: date) -> tuple[date, str] | None:
    """Return the day to look at and what is to be said of it; None for one that ended."""
    if due is not None:
        return due.due_on, "en retard" if due.is_late else "à faire"
    asked = yearly.asked_on(today)
    if asked is not None and asked >= today:
        return asked, "faite"
    following = yearly.next_after(today)
    if following is None:
        return None
    return following, f"rappel à partir du {short_date(following - timedelta(days=notice_days))}"
