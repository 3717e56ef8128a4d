"""`marelle query`: read-only SQL on the published marts."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.help import WrongValue


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="Une requête SELECT, entre guillemets.")],
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON : une liste d'objets.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Répondre en CSV.")] = False,
) -> None:
    """Interroger les chiffres publiés, en lecture seule.

    Les tables sont décrites dans docs/data.md. Exemple :

      marelle query "select structure_label, sum(planned) as repas from fct_meals group by 1"
    """
    from cli import output
    from cli.settings import home_folder
    from warehouse.reader import open_snapshot

    if as_json and as_csv:
        raise WrongValue("choisissez --json ou --csv, pas les deux.")
    table = open_snapshot(home_folder()).sql(sql)
    rows = table.to_pylist()
    keys = list(table.column_names)
    if as_json:
        output.print_json(rows)
    elif as_csv:
        output.print_csv(rows, keys)
    else:
        columns = [output.Column(key, key, _cell, is_right=_is_number(rows, key)) for key in keys]
        output.print_rows(rows, columns, as_json=False, empty="Aucune ligne.")


def _cell(value: object) -> str:
    """Return a value as it is stored: this table is for people who write SQL."""
    return "" if value is None else str(value)


def _is_number(rows: list[dict[str, object]], key: str) -> bool:
    from decimal import Decimal

    values = [row[key] for row in rows if row[key] is not None]
    return bool(values) and all(isinstance(value, int | float | Decimal) for value in values)
