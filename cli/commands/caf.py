"""`marelle caf`: figures for the CAF."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.dates import add_months, parse_month


def hours(
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM", help="Premier mois.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM", help="Dernier mois, compris.")] = "",
    structure: Annotated[str, typer.Option(metavar="REF", help="Une seule structure.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Montrer les heures CAF par service, mois, âge et régime.

    Sans dates : le mois en cours et les deux précédents.
    """
    from cli.dates import today_here
    from cli.output import Column, print_rows
    from cli.settings import home_folder
    from domain.french import month_name
    from warehouse.reader import open_snapshot

    to_month = parse_month(last) if last else today_here().replace(day=1)
    from_month = parse_month(first) if first else add_months(to_month, -2)
    reader = open_snapshot(home_folder())
    found = reader.caf_hours(from_month, to_month, [structure] if structure else None)
    columns = [
        Column("month", "Mois", month_name),
        Column("structure_label", "Structure"),
        Column("service_label", "Service"),
        Column("age_group", "Âge", lambda code: _AGES.get(code, code)),
        Column("regime_group", "Régime"),
        Column("children", "Enfants", is_right=True),
        Column("child_days", "Journées-enfant", is_right=True),
        Column("hours", "Heures", is_right=True),
    ]
    rows = [{column.key: getattr(row, column.key) for column in columns} for row in found]
    if as_json:
        extra = [
            Column("structure_ref", ""),
            Column("service_ref", ""),
            Column("caf_kind", ""),
            Column("period", ""),
            Column("is_aeeh", ""),
            Column("minutes", ""),
        ]
        rows = [{column.key: getattr(row, column.key) for column in (*columns, *extra)} for row in found]
        columns += extra
    print_rows(
        rows,
        columns,
        as_json=as_json,
        empty=f"Aucune heure de {month_name(from_month)} à {month_name(to_month)}.",
    )


_AGES = {"under_6": "moins de 6 ans", "from_6": "6 ans et plus", "unknown": "inconnu"}
