"""`marelle demo`: create the demo collectivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.dates import parse_day

if TYPE_CHECKING:
    from datetime import date


def demo(
    children: Annotated[int, typer.Option(min=20, max=2000, metavar="NOMBRE", help="Nombre d'enfants.")] = 300,
    months: Annotated[int, typer.Option(min=1, max=12, metavar="NOMBRE", help="Mois de présences.")] = 3,
    seed: Annotated[int, typer.Option(metavar="NOMBRE", help="Graine : la même donne la même ville.")] = 1,
    today: Annotated[
        str, typer.Option(metavar="AAAA-MM-JJ", help="Jour où la ville est vue ; sans lui, aujourd'hui.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
) -> None:
    """Créer une ville de démonstration, entièrement imaginaire, dans MARELLE_HOME qui doit être vide.

    Trois écoles, un accueil de loisirs, une halte-garderie, leurs familles et trois mois de passages, jusqu'au
    dernier jour d'école. Tout y est : oublis de badge, badges inconnus, enfants imprévus, borne coupée du réseau.
    """
    from dataclasses import asdict

    from cli.announce import announce_demo
    from cli.output import print_json, progress
    from cli.settings import configured_url, home_folder
    from cli.supervision.stopping import heard, interruptible
    from demo.create import DemoSpec, create_demo

    spec = DemoSpec(parse_day(today) if today else today_on_this_machine(), children, months, seed)
    with interruptible() as check, progress("Création de la ville de démonstration") as tell:
        summary = create_demo(home_folder(), configured_url(), spec, heard(tell, check))
    if as_json:
        print_json(asdict(summary))
        return
    announce_demo(home_folder(), summary)


def today_on_this_machine() -> date:
    """Return today in the demo town's time zone."""
    from demo.source import town_data
    from domain.time import local_day, system_clock

    return local_day(system_clock(), town_data().timezone)
