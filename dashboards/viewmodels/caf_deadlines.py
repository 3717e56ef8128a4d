"""What is due to the CAF and when: what is asked for now, what is late, what is done, and the next day of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from dashboards.viewmodels.tables import Cell, Table
from domain.french import long_date, short_date, typeset
from domain.yearly_tasks import YearlyDay
from records.actors import Right
from records.operations.yearly_tasks import DueTask, NewTask, TaskMark

ALL_PLACES = ""


def place_words(task: DueTask, first: str = "") -> dict[str, str]:
    """Return the places that one may note the task done for, by reference, then all of them at once.

    The place `first` leads where it is one of them; nothing is returned where the task is done once for the town.
    """
    words = {each.ref: each.label for each in sorted(task.places, key=lambda place: place.ref != first)}
    return {**words, ALL_PLACES: "Tous ces lieux"} if len(words) > 1 else words


def marks(task: DueTask, place: str) -> list[TaskMark]:
    """Return what is to be noted for a place, for all that are left, or once where the town does it once."""
    if not task.places:
        return [TaskMark(task.ref)]
    return [TaskMark(task.ref, structure_ref=each.ref) for each in task.places if place in (ALL_PLACES, each.ref)]


def what_stops(task: DueTask) -> str:
    """Return what noting it done changes."""
    if task.places:
        return "Notez-la lieu par lieu : le rappel d'un lieu s'arrête quand la sienne est notée."
    return "Notez-la quand tous les lieux ont envoyé la leur : son rappel s'arrête pour tout le monde."


def noted(task: DueTask, place: str) -> str:
    """Return what was just noted, and what is left."""
    if place == ALL_PLACES:
        return typeset(f"« {task.label} » est notée faite : son rappel s'arrête.")
    label = place_words(task)[place]
    left = [each.label for each in task.places if each.ref != place]
    rest = f"Il reste : {', '.join(left)}." if left else "Tous vos lieux l'ont faite : son rappel s'arrête."
    return typeset(f"« {task.label} » est notée faite pour {label}. {rest}")


def due_words(due: Iterable[DueTask]) -> list[str]:
    """Return what is asked for now, a sentence each, what is late first."""
    return [
        typeset(
            f"**En retard** : {one.label}. C'était à faire au plus tard le {long_date(one.due_on)}.{_left(one)}"
            if one.is_late
            else f"**À faire** au plus tard le {long_date(one.due_on)} : {one.label}.{_left(one)}"
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


def _left(task: DueTask, before: str = " Il reste : ", after: str = ".") -> str:
    """Return the places that have not noted theirs, nothing where the town does it once."""
    return f"{before}{', '.join(each.label for each in task.places)}{after}" if task.places else ""


def _standing(due: DueTask | None, yearly: YearlyDay, notice_days: int, today: date) -> tuple[date, str] | None:
    """Return the day to look at and what is to be said of it; None for one that ended."""
    if due is not None:
        return due.due_on, f"{'en retard' if due.is_late else 'à faire'}{_left(due, ', reste : ', '')}"
    asked = yearly.asked_on(today)
    if asked is not None and asked >= today:
        return asked, "faite"
    following = yearly.next_after(today)
    if following is None:
        return None
    return following, f"rappel à partir du {short_date(following - timedelta(days=notice_days))}"
