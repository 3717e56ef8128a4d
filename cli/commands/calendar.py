"""`marelle calendar`: holidays, imported once and then edited by staff."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.dates import parse_day


def import_(
    zone: Annotated[str, typer.Argument(metavar="ZONE", help="Zone scolaire : A, B ou C.")],
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour.")],
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour, compris.")],
) -> None:
    """Ajouter les vacances scolaires, les jours fériés et les ponts d'une zone.

    Les jours déjà saisis ne changent pas. Vérifiez chaque année nouvelle : les dates lointaines sont calculées.
    """
    from datetime import timedelta

    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import long_date, plural
    from records.operations.collectivity import import_calendar

    first_day, last_day = parse_day(first), parse_day(last)
    with records_here() as records:
        added = import_calendar(records, operator(), zone.upper(), first_day, last_day + timedelta(days=1))
    what = plural(added, "jour ajouté", "jours ajoutés")
    print_line(f"Zone {zone.upper()}, du {long_date(first_day)} au {long_date(last_day)} : {what}.")
