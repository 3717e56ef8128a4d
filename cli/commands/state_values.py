"""`marelle state-values`: what the State and the CNAF fix, and a newer value entered before a release brings it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.dates import parse_day

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]


def list_(
    parameter: Annotated[
        str, typer.Argument(metavar="PARAMÈTRE", help="Début du nom, par exemple caf.alsh ; sans lui, tous.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Lister les valeurs nationales avec leur date et leur source, et celles que cette version contredit."""
    from dataclasses import asdict

    from cli.output import Column, as_text, print_rows
    from cli.settings import operator, records_here
    from records.operations.state_values import state_values

    with records_here() as records:
        found = [each for each in state_values(records, operator()) if each.parameter_id.startswith(parameter)]
    columns = [
        Column("parameter_id", "Paramètre"),
        Column("description", "Ce que c'est"),
        Column("valid_from", "Depuis"),
        Column("value", "Valeur", is_right=True),
        Column("unit", "Unité"),
        Column("is_entered", "Saisie ici"),
        Column("packaged", "Selon cette version", lambda value: "" if value is None else as_text(value)),
        Column("source", "Source"),
    ]
    empty = f"Aucun paramètre ne commence par « {parameter} »."
    print_rows([asdict(each) for each in found], columns, as_json=as_json, empty=empty)


def enter(
    parameter: Annotated[str, typer.Argument(metavar="PARAMÈTRE", help="Nom, comme dans la liste.")],
    value: Annotated[str, typer.Argument(metavar="VALEUR", help="Nombre, par exemple 0,64.")],
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour où elle s'applique.")],
    source: Annotated[str, typer.Option(metavar="TEXTE", help="Texte d'où elle vient : circulaire, décret…")],
) -> None:
    """Saisir une valeur nationale plus récente, sans attendre une nouvelle version. Le passé ne se modifie pas."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import long_date
    from records.operations.state_values import NewStateValue, enter_state_value

    day = parse_day(first)
    with records_here() as records:
        enter_state_value(records, operator(), NewStateValue(parameter, day, value, source))
    print_line(f"{parameter} vaut {value} à partir du {long_date(day)}. Les calculs suivants s'en servent.")
