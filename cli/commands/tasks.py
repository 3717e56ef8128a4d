"""`marelle tasks`: the tasks of each year, those that are due, and noting that one is done."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.dates import parse_day

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
Ref = Annotated[str, typer.Argument(metavar="TÂCHE", help="Référence de la tâche (marelle tasks list).")]


def due(as_json: Json = False) -> None:
    """Lister ce qui est à faire maintenant, le plus ancien d'abord : les tâches demandées et pas encore faites."""
    from dataclasses import asdict

    from cli.output import Column, print_rows
    from cli.settings import operator, records_here
    from domain.french import short_date
    from records.operations.yearly_tasks import due_tasks

    with records_here() as records:
        rows = [asdict(task) for task in due_tasks(records, operator())]
    columns = [
        Column("ref", "Tâche"),
        Column("due_on", "Au plus tard", short_date),
        Column("is_late", "En retard"),
        Column("label", "Quoi"),
        Column("places", "Lieux", lambda places: ", ".join(each["label"] for each in places)),
        Column("how", "Comment", lambda how: how or ""),
        Column("held_right", "Qui", _who),
    ]
    print_rows(rows, columns, as_json=as_json, empty="Rien n'est à faire aujourd'hui.")


def list_(as_json: Json = False) -> None:
    """Lister les tâches de l'année, dans l'ordre des dates, avec qui les fait."""
    from dataclasses import asdict

    from cli.output import Column, print_rows
    from cli.settings import operator, records_here
    from records.operations.yearly_tasks import yearly_tasks

    with records_here() as records:
        rows = [
            {**asdict(kept.what), "day": f"{kept.what.due_day:02}/{kept.what.due_month:02}"}
            for kept in yearly_tasks(records, operator())
        ]
    columns = [
        Column("ref", "Tâche"),
        Column("day", "Chaque année le"),
        Column("notice_days", "Rappel (jours avant)"),
        Column("label", "Quoi"),
        Column("held_right", "Qui", _who),
    ]
    print_rows(rows, columns, as_json=as_json, empty="Aucune tâche. Pour la liste proposée : marelle tasks propose")


def propose() -> None:
    """Ajouter les tâches que Marelle propose, à partir d'aujourd'hui. Celles qui sont déjà là ne changent pas."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import plural
    from records.operations.family_search import local_day_of
    from records.operations.yearly_tasks import propose_tasks

    with records_here() as records:
        with records.read() as session:
            today = local_day_of(session, records.clock())
        added = propose_tasks(records, operator(), today)
    print_line(f"{plural(added, 'tâche ajoutée', 'tâches ajoutées')}. Pour les voir : marelle tasks list")


def done(
    ref: Ref,
    day: Annotated[
        str, typer.Option("--due", metavar="AAAA-MM-JJ", help="Échéance ; sans elle, celle qui est demandée.")
    ] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Noter au contraire qu'elle n'est pas faite.")] = False,
    comment: Annotated[str, typer.Option(help="Remarque gardée avec la date.")] = "",
    structure: Annotated[
        str, typer.Option(metavar="LIEU", help="Le lieu qui l'a faite, d'une tâche que chacun fait pour lui.")
    ] = "",
) -> None:
    """Noter qu'une tâche est faite : elle n'est plus rappelée cette année, partout ou pour un lieu."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import long_date
    from records.operations.yearly_tasks import TaskMark, mark_task

    mark = TaskMark(ref, not undo, parse_day(day) if day else None, comment or None, structure or None)
    with records_here() as records:
        due_on = mark_task(records, operator(), mark)
    where = f", {structure}" if structure else ""
    print_line(f"{ref}{where} : {'pas faite' if undo else 'faite'}, pour le {long_date(due_on)}.")


def add(
    ref: Annotated[str, typer.Argument(metavar="RÉFÉRENCE", help="Référence de la tâche, par exemple regie.")],
    label: Annotated[str, typer.Argument(metavar="QUOI", help="Ce qu'il faut faire.")],
    day: Annotated[str, typer.Option("--on", metavar="JJ/MM", help="Jour de chaque année.")],
    who: Annotated[str, typer.Option(help="Droit de qui la fait, par exemple edit_reference.")],
    how: Annotated[str, typer.Option(help="Comment la faire.")] = "",
    notice: Annotated[int, typer.Option(help="Jours de rappel avant ce jour.", min=0)] = 15,
) -> None:
    """Ajouter une tâche qui revient chaque année, à partir d'aujourd'hui."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.family_search import local_day_of
    from records.operations.yearly_tasks import NewTask, add_task

    due_day, due_month = _day_and_month(day)
    with records_here() as records:
        with records.read() as session:
            today = local_day_of(session, records.clock())
        task = NewTask(ref, label, due_month, due_day, who, today, how or None, notice)
        add_task(records, operator(), task)
    print_line(f"{ref} : ajoutée, chaque année le {day}. Pour la voir : marelle tasks list")


def edit(
    ref: Ref,
    day: Annotated[str, typer.Option("--on", metavar="JJ/MM", help="Jour de chaque année.")] = "",
    notice: Annotated[int, typer.Option(help="Jours de rappel avant ce jour.", min=0)] = -1,
    label: Annotated[str, typer.Option(help="Ce qu'il faut faire.")] = "",
    who: Annotated[str, typer.Option(help="Droit de qui la fait, par exemple edit_reference.")] = "",
    until: Annotated[str, typer.Option(metavar="AAAA-MM-JJ", help="Premier jour où elle ne revient plus.")] = "",
) -> None:
    """Changer une tâche : son jour, son rappel, ses mots, qui la fait, ou sa fin. Le reste ne change pas."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.yearly_tasks import edit_task, task_named

    given = {
        "label": label or None,
        "notice_days": notice if notice >= 0 else None,
        "held_right": who or None,
        "valid_to": parse_day(until) if until else None,
    }
    changes: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    if day:
        changes["due_day"], changes["due_month"] = _day_and_month(day)
    with records_here() as records:
        seen = task_named(records, operator(), ref)
        changed = edit_task(records, operator(), ref, changes, seen.row_version)
    print_line(f"{ref} : changée." if changed else "C'était déjà ainsi.")


def _day_and_month(text: str) -> tuple[int, int]:
    from cli.help import WrongValue

    try:
        day, month = (int(part) for part in text.split("/"))
    except ValueError:
        raise WrongValue(f"« {text} » n'est pas un jour de l'année. Écrivez JJ/MM, par exemple 15/04.") from None
    return day, month


def _who(code: str) -> str:
    from records.actors import Right
    from records.operations.rights import RIGHT_WORDS

    return RIGHT_WORDS[Right(code)]
