"""`marelle school-year`: the next year made ready, and each pupil's passage to their next class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.dates import parse_day
from cli.help import WrongValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.actors import Actor
    from records.database import Records
    from records.operations.rollover import LineSeen
    from records.operations.rollover_proposal import Passage

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
From = Annotated[str, typer.Argument(metavar="ANNÉE", help="Année qui finit, par exemple 2026-2027.")]
To = Annotated[str, typer.Argument(metavar="SUIVANTE", help="Année qui vient, par exemple 2027-2028.")]
OUTCOMES = {"next": "passe", "repeat": "redouble", "other_school": "change d'école", "leave": "part"}


def prepare(
    year: Annotated[str, typer.Argument(metavar="ANNÉE", help="Année à créer, par exemple 2027-2028.")],
    like: Annotated[str, typer.Option(metavar="ANNÉE", help="Année dont les classes sont reprises.")],
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour.")],
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour, compris.")],
    as_json: Json = False,
) -> None:
    """Créer une année scolaire avec les classes et les enseignants d'une autre. Aucun élève ne change encore."""
    from dataclasses import asdict
    from datetime import timedelta

    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from domain.french import plural
    from records.operations.collectivity import NewSchoolYear
    from records.operations.school_years import prepare_school_year

    new = NewSchoolYear(year, parse_day(first), parse_day(last) + timedelta(days=1))
    with records_here() as records:
        made = prepare_school_year(records, operator(), new, like)
    if as_json:
        print_json({"year": year, **asdict(made)})
        return
    print_line(f"Année {year} : {plural(made.classes, 'classe')}, dont {made.teachers} avec un enseignant.")
    print_line(f"Ensuite : marelle school-year roll-over {like} {year}")


def list_(as_json: Json = False) -> None:
    """Lister les années scolaires et leurs dates."""
    from dataclasses import asdict
    from datetime import timedelta

    from cli.output import Column, print_rows
    from cli.settings import operator, records_here
    from domain.french import short_date
    from records.operations.school_year_dates import school_years

    with records_here() as records:
        years = [kept.what for kept in school_years(records, operator())]
    rows = [{**asdict(year), "last_day": year.ends_on - timedelta(days=1)} for year in years]
    columns = [
        Column("ref", "Année"),
        Column("starts_on", "Premier jour", short_date),
        Column("last_day", "Dernier jour", short_date),
    ]
    print_rows(rows, columns, as_json=as_json, empty="Aucune année scolaire.")


def edit(
    year: Annotated[str, typer.Argument(metavar="ANNÉE", help="Année à corriger, par exemple 2027-2028.")],
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour, compris.")] = "",
    as_json: Json = False,
) -> None:
    """Corriger les dates d'une année scolaire : les élèves et les enseignants de ses classes suivent.

    Refusé si un jour qui change est dans un mois confirmé, ou si quelqu'un n'aurait plus aucun jour dans sa classe.
    """
    from dataclasses import asdict
    from datetime import timedelta

    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from domain.french import plural
    from records.operations.collectivity import NewSchoolYear
    from records.operations.school_year_dates import edit_school_year, school_year_named

    with records_here() as records:
        seen = school_year_named(records, operator(), year)
        starts_on = parse_day(first) if first else seen.what.starts_on
        ends_on = parse_day(last) + timedelta(days=1) if last else seen.what.ends_on
        moved = edit_school_year(records, operator(), NewSchoolYear(year, starts_on, ends_on), seen.row_version)
    if as_json:
        print_json({"year": year, **asdict(moved)})
        return
    who = f"{plural(moved.pupils, 'élève')} et {plural(moved.teachers, 'enseignant')}"
    print_line(f"Année {year} : dates enregistrées ; {who} de ses classes suivent.")


def roll_over(
    from_year: From,
    to_year: To,
    apply: Annotated[bool, typer.Option("--apply", help="Confirmer ce qui est proposé, puis l'appliquer.")] = False,
    doubts: Annotated[bool, typer.Option("--doubts", help="Montrer seulement ce qui est à vérifier.")] = False,
    as_json: Json = False,
) -> None:
    """Proposer la classe suivante de chaque élève et la montrer. Sans --apply, personne ne change de classe.

    Ce qui a été décidé par « school-year decide » reste. Avec --apply, tout est appliqué, ou rien s'il reste un
    élève à vérifier ; les listes changent d'elles-mêmes le premier jour d'école. Interrompu, relancez-le : il se
    termine.
    """
    from cli.settings import operator, records_here
    from records.operations.rollover_proposal import Passage, propose_rollover

    passage, actor = Passage(from_year, to_year), operator()
    with records_here() as records:
        if not _is_begun(records, passage):
            propose_rollover(records, actor, passage)
        lines = list(_lines(records, actor, passage))
        if apply:
            _confirm(records, actor, passage, lines)
            _apply(records, actor, passage, as_json=as_json)
        else:
            _show(passage, [line for line in lines if not doubts or _is_doubtful(line)], as_json=as_json)


def decide(
    from_year: From,
    to_year: To,
    person: Annotated[str, typer.Argument(metavar="ÉLÈVE", help="Référence de l'élève.")],
    outcome: Annotated[str, typer.Argument(metavar="DÉCISION", help="next, repeat, other_school ou leave.")],
    class_ref: Annotated[
        str, typer.Option("--class", metavar="CLASSE", help="Référence de la classe ; sans elle, l'élève part.")
    ] = "",
) -> None:
    """Décider la classe suivante d'un élève : passer (next), redoubler, changer d'école, ou partir (leave)."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.rollover import LineDecision, decide_lines
    from records.operations.rollover_proposal import Passage

    if outcome not in OUTCOMES:
        raise WrongValue(f"« {outcome} » n'est pas une décision. Choisissez : {', '.join(OUTCOMES)}.")
    decision = LineDecision(person, outcome, class_ref or None)
    with records_here() as records:
        changed = decide_lines(records, operator(), Passage(from_year, to_year), [decision])
    where = f" : {class_ref}" if class_ref else ""
    print_line(f"{person} {OUTCOMES[outcome]}{where}." if changed else "C'était déjà décidé ainsi.")


def _confirm(records: Records, actor: Actor, passage: Passage, lines: list[LineSeen]) -> None:
    """Confirm what is proposed, class by class; what is to be looked at stays to be decided."""
    from records.operations.rollover import check_class

    for class_ref in dict.fromkeys(line.from_class_ref for line in lines if not line.is_checked):
        check_class(records, actor, passage, class_ref)


def _apply(records: Records, actor: Actor, passage: Passage, *, as_json: bool) -> None:
    from dataclasses import asdict

    from cli.output import print_json, print_line
    from domain.french import long_date, plural
    from records.operations.rollover import apply_rollover

    done = apply_rollover(records, actor, passage)
    if as_json:
        print_json(asdict(done))
        return
    print_line(
        f"À partir du {long_date(done.first_day)} : {plural(done.seated, 'élève placé', 'élèves placés')}, "
        f"{plural(done.leaving, 'part', 'partent')}, {done.placed_already} déjà dans une autre classe."
    )


def _show(passage: Passage, lines: list[LineSeen], *, as_json: bool) -> None:
    from dataclasses import asdict

    from cli.output import Column, print_line, print_rows
    from domain.french import plural

    columns = [
        Column("person_ref", "Élève"),
        Column("last_name", "Nom"),
        Column("first_name", "Prénom"),
        Column("from_class", "Classe"),
        Column("outcome", "Décision", lambda code: OUTCOMES[code]),
        Column("to_class", "Suivante", lambda name: name or "–"),
        Column("to_school", "École", lambda name: name or "–"),
        Column("is_checked", "Décidé"),
        Column("comment", "À vérifier", lambda text: text or ""),
    ]
    print_rows([asdict(line) for line in lines], columns, as_json=as_json, empty="Aucun élève à montrer.")
    if as_json:
        return
    doubtful = sum(_is_doubtful(line) for line in lines)
    if doubtful:
        print_line(
            f"{plural(doubtful, 'élève')} à décider, par exemple : marelle school-year decide "
            f"{passage.from_ref} {passage.to_ref} ÉLÈVE next --class CLASSE"
        )
    else:
        print_line(f"Pour appliquer : marelle school-year roll-over {passage.from_ref} {passage.to_ref} --apply")


def _is_doubtful(line: LineSeen) -> bool:
    return line.comment is not None and not line.is_checked


def _is_begun(records: Records, passage: Passage) -> bool:
    from domain.errors import NotFound
    from records.models.rollover import BEGUN
    from records.operations.rollover_proposal import rollover_of

    with records.read() as session:
        try:
            return rollover_of(session, passage).state in BEGUN
        except NotFound:
            return False


def _lines(records: Records, actor: Actor, passage: Passage) -> Iterator[LineSeen]:
    from records.operations.paging import PAGE_SIZE_MAX, PageAsked
    from records.operations.rollover import rollover_lines

    page = rollover_lines(records, actor, passage, PageAsked(1, PAGE_SIZE_MAX))
    yield from page.lines
    for number in range(2, page.pages + 1):
        yield from rollover_lines(records, actor, passage, PageAsked(number, PAGE_SIZE_MAX)).lines
