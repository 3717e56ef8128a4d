"""`marelle accounts`: personal accounts, their roles, and who may do what."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]


def rights(
    role: Annotated[str, typer.Option(metavar="RÔLE", help="Un seul rôle, par exemple coordinator.")] = "",
    as_json: Json = False,
) -> None:
    """Montrer qui peut faire quoi : chaque opération, et ce que chaque rôle y atteint."""
    from cli.help import WrongValue
    from cli.output import Column, print_json, print_rows
    from records.operations.rights import REACH_WORDS, ROLE_WORDS, Reach, matrix

    if role and role not in ROLE_WORDS:
        raise WrongValue(f"« {role} » n'est pas un rôle. Choisissez parmi : {', '.join(ROLE_WORDS)}.")
    roles = [role] if role else list(ROLE_WORDS)
    rows = [{"operation": name, **{each: line[each].value for each in roles}} for name, line in matrix().items()]
    if as_json:
        print_json(rows)
        return
    columns = [Column("operation", "Opération")]
    columns += [Column(each, each, lambda word: REACH_WORDS[Reach(word)]) for each in roles]
    shown = [row for row in rows if any(row[each] != Reach.NO for each in roles)]
    print_rows(shown, columns, as_json=False, empty="Aucune opération.")
