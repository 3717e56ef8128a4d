"""`marelle rgpd`: how long data is kept, what is past its time, and all that is held on a family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from records.operations.purges import PurgeReport

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
Kind = Annotated[str, typer.Argument(metavar="SORTE", help="Sorte de données, par exemple family_file.")]
Order = Annotated[str, typer.Argument(metavar="ORDRE", help="Référence de l'ordre.")]


def durations(as_json: Json = False) -> None:
    """Montrer chaque sorte de données, la durée que la collectivité a fixée, et celle que Marelle propose."""
    from dataclasses import asdict

    from cli.output import Column, print_json, print_rows
    from cli.settings import operator, records_here
    from domain.data_kinds import duration_words
    from records.operations.retention import list_retention

    with records_here() as records:
        lines = list_retention(records, operator())
    rows = [{**asdict(each.kind), "proposed": each.proposed, "months": each.months} for each in lines]
    if as_json:
        print_json(rows)
        return
    told = [
        {
            "code": each.kind.code,
            "label": each.kind.label,
            "adopted": "à fixer" if each.months is None and each.proposed is not None else _months(each.months),
            "proposed": duration_words(each.kind, each.proposed),
        }
        for each in lines
    ]
    columns = [Column("code", "Sorte"), Column("label", "Données"), Column("adopted", "Durée fixée")]
    print_rows(told, [*columns, Column("proposed", "Proposition")], as_json=False, empty="")


def keep(
    kind: Kind,
    months: Annotated[int, typer.Option(metavar="MOIS", help="Nombre de mois.", min=0)],
    source: Annotated[str, typer.Option(metavar="TEXTE", help="Qui en a décidé, par exemple « Avis du DPO ».")],
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour ; sans lui, aujourd'hui.")
    ] = "",
) -> None:
    """Fixer combien de mois une sorte de données est conservée, à partir d'un jour."""
    from cli.dates import parse_day, today_here
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.data_kinds import data_kind, duration_words
    from records.operations.retention import NewRetention, keep_for

    day = parse_day(first) if first else today_here()
    with records_here() as records:
        keep_for(records, operator(), NewRetention(kind, months, day, source))
    print_line(f"{data_kind(kind).label} : {duration_words(data_kind(kind), months)}.")


def list_(kind: Kind, as_json: Json = False) -> None:
    """Établir la liste de ce qui est échu dans une sorte de données. Rien n'est effacé."""
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_rows
    from cli.settings import operator, records_here
    from domain.french import short_date
    from records.operations.purges import draw_up_purge, purge_items

    with records_here() as records:
        drawn = draw_up_purge(records, operator(), kind)
        items = [] if drawn is None else purge_items(records, operator(), drawn)
    if as_json:
        print_json({"list": drawn, "items": [asdict(each) for each in items]})
        return
    if drawn is None:
        print_line("Rien n'est échu.")
        return
    named = [asdict(each) for each in items if each.name is not None]
    columns = [Column("name", "Nom"), Column("due_on", "Échu le", short_date)]
    print_rows(named, columns, as_json=False, empty=f"{len(items)} lignes échues, sans nom à montrer.")
    print_line(f"Liste {drawn}. Pour l'ordonner : marelle rgpd order {drawn} --reason TEXTE")


def lists(as_json: Json = False) -> None:
    """Lister les purges : établies, ordonnées, exécutées."""
    from dataclasses import asdict

    from cli.output import Column, print_rows
    from cli.settings import operator, records_here
    from domain.data_kinds import data_kind
    from domain.french import short_date
    from records.operations.purges import purge_lists

    with records_here() as records:
        rows = [asdict(each) for each in purge_lists(records, operator())]
    states = {"drawn_up": "établie", "ordered": "ordonnée", "done": "exécutée"}
    columns = [
        Column("list_ref", "Liste"),
        Column("kind", "Données", lambda code: data_kind(code).label),
        Column("judged_on", "Au", short_date),
        Column("item_count", "Lignes", is_right=True),
        Column("state", "État", lambda state: states[state]),
        Column("order_ref", "Ordre", lambda ref: ref or ""),
        Column("reason", "Motif", lambda reason: reason or ""),
        Column("ordered_by", "Ordonnée par", lambda who: who or ""),
    ]
    print_rows(rows, columns, as_json=as_json, empty="Aucune purge.")


def order(
    list_ref: Annotated[str, typer.Argument(metavar="LISTE", help="Référence de la liste.")],
    reason: Annotated[str, typer.Option(metavar="TEXTE", help="Pourquoi, par exemple « Fin de conservation ».")],
    as_json: Json = False,
) -> None:
    """Ordonner qu'une liste soit exécutée, et dire pourquoi. Rien n'est encore effacé."""
    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from records.operations.purges import order_purge

    with records_here() as records:
        ref = order_purge(records, operator(), list_ref, reason)
    if as_json:
        print_json({"order": ref})
        return
    print_line(f"Ordre {ref} enregistré. Pour l'exécuter, sans retour possible : marelle rgpd purge {ref}")


def purge(order_ref: Order, as_json: Json = False) -> None:
    """Exécuter un ordre : effacer ou anonymiser, sans retour possible. Montants, heures et repas restent."""
    from cli.output import print_line
    from cli.settings import home_folder, operator, records_here
    from exchanges.papers.invoices import forget_papers
    from records.operations.purges import carry_out

    with records_here() as records:
        done = carry_out(records, operator(), order_ref)
    forgotten = forget_papers(home_folder())
    _print_report(done, as_json=as_json)
    if not as_json:
        if forgotten:
            print_line("Les factures en PDF gardées ici sont supprimées : elles se refont sans les noms effacés.")
        print_line("Les chiffres publiés disent encore les noms : recalculez avec « marelle warehouse build ».")
        print_line("Les sauvegardes d'avant aussi : détruisez-les selon leur propre durée.")


def report(order_ref: Order, as_json: Json = False) -> None:
    """Montrer ce qu'un ordre a fait, table par table, et l'empreinte qui le prouve."""
    from cli.settings import operator, records_here
    from records.operations.purges import purge_report

    with records_here() as records:
        done = purge_report(records, operator(), order_ref)
    _print_report(done, as_json=as_json)


def export(
    family: Annotated[str, typer.Argument(metavar="DOSSIER", help="Référence du dossier famille.")],
    target: Annotated[str, typer.Option("--to", metavar="FICHIER", help="Fichier .zip à écrire.")],
    as_json: Json = False,
) -> None:
    """Écrire tout ce qui est conservé sur une famille, papiers compris. La lecture de la santé est notée."""
    from functools import partial
    from pathlib import Path

    from cli.output import print_json, print_line
    from cli.settings import home_folder, operator, records_here
    from exchanges.dossier import write_dossier
    from records.operations.family_export import export_family
    from records.operations.paper_files import FOLDER, read_page

    with records_here() as records:
        dossier = export_family(records, operator(), family)
        write_dossier(dossier, Path(target), partial(read_page, records, operator(), home_folder() / FOLDER))
    if as_json:
        print_json({"file": target, "tables": {each.table: len(each.rows) for each in dossier.sections}})
        return
    print_line(
        f"{target} : {len(dossier.sections)} tables. Relisez-le avant de le remettre (LISEZMOI.txt dit quoi)."
    )


def readings(
    person: Annotated[str, typer.Argument(metavar="PERSONNE", help="Référence de la personne.")],
    as_json: Json = False,
) -> None:
    """Lister qui a lu les données de santé d'une personne, et quand."""
    from dataclasses import asdict

    from cli.output import Column, print_rows
    from cli.settings import operator, records_here, time_zone
    from domain.time import local
    from records.operations.health import health_readings

    with records_here() as records:
        zone = time_zone(records)
        rows = [asdict(each) for each in health_readings(records, operator(), person)]
    columns = [
        Column("reader", "Lu par", lambda who: who or "effacé"),
        Column("read_at", "Le", lambda at: f"{local(at, zone):%d/%m/%Y %H:%M}"),
        Column("operation", "Opération"),
    ]
    print_rows(rows, columns, as_json=as_json, empty="Personne n'a lu ces données.")


def _print_report(done: PurgeReport, *, as_json: bool) -> None:
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_rows

    if as_json:
        print_json(asdict(done))
        return
    words = {"erased": "effacées", "blanked": "anonymisées", "handled": "traitées", "left": "laissées"}
    rows: list[dict[str, Any]] = [asdict(each) for each in done.done]
    columns = [
        Column("table", "Table"),
        Column("done", "Lignes", lambda what: words[what]),
        Column("rows", "Nombre", is_right=True),
        Column("columns", "Colonnes", lambda names: ", ".join(names)),
    ]
    print_rows(rows, columns, as_json=False, empty="")
    print_line(f"Ordre {done.order_ref}, « {done.reason} ». Empreinte du rapport : {done.sha256}")


def _months(months: int | None) -> str:
    return "–" if months is None else f"{months} mois"
