"""`marelle calendar`: holidays, imported once and then edited by staff; closures and strikes."""

from __future__ import annotations

from enum import StrEnum
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


class Shut(StrEnum):
    """What an event does to the services it touches."""

    CLOSURE = "fermeture"
    STRIKE = "grève"
    STRIKE_SERVED = "grève-assurée"


def event(
    ref: Annotated[str, typer.Argument(metavar="RÉFÉRENCE", help="Une référence à vous, pour l'annuler.")],
    label: Annotated[str, typer.Option(metavar="TEXTE", help="Nom affiché.")],
    first: Annotated[str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Premier jour.")],
    kind: Annotated[
        Shut, typer.Option(help="Avec grève-assurée, rien ne ferme : la cuisine attend moins d'enfants.")
    ],
    last: Annotated[str, typer.Option("--to", metavar="AAAA-MM-JJ", help="Dernier jour, compris.")] = "",
    structure: Annotated[str, typer.Option(metavar="REF", help="Un seul lieu ; sans elle, la ville.")] = "",
    service: Annotated[str, typer.Option(metavar="REF", help="Un seul service ; sans elle, tous.")] = "",
) -> None:
    """Enregistrer une fermeture ou une grève, où le service est assuré ou non."""
    from datetime import timedelta

    from cli.output import print_line
    from cli.settings import operator, records_here
    from domain.french import long_date
    from records.operations.events import NewEvent, add_event

    first_day = parse_day(first)
    last_day = parse_day(last) if last else first_day
    asked = NewEvent(
        ref,
        kind.name.lower(),
        label,
        first_day,
        last_day + timedelta(days=1),
        structure or None,
        None,
        service or None,
    )
    with records_here() as records:
        add_event(records, operator(), asked)
    print_line(f"« {label} » enregistré du {long_date(first_day)} au {long_date(last_day)}.")


def event_cancel(ref: Annotated[str, typer.Argument(metavar="RÉFÉRENCE", help="Celle de l'événement.")]) -> None:
    """Annuler une fermeture, une sortie ou une grève : les enfants sont attendus comme avant."""
    from cli.output import print_line
    from cli.settings import operator, records_here
    from records.operations.events import cancel_event

    with records_here() as records:
        changed = cancel_event(records, operator(), ref)
    print_line("Événement annulé." if changed else "Cet événement était déjà annulé.")
