"""`marelle run`: everything at once on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ports import API_PORT, DASHBOARDS_PORT, LOOPBACK, PORTAL_PORT, READER_PORT, TERMINAL_PORT


def run(
    host: Annotated[
        str, typer.Option(metavar="ADRESSE", help="Adresse d'écoute ; 0.0.0.0 ouvre au réseau.")
    ] = LOOPBACK,
    api_port: Annotated[int, typer.Option(metavar="PORT", help="Port de l'API des bornes.")] = API_PORT,
    portal_port: Annotated[int, typer.Option(metavar="PORT", help="Port du portail.")] = PORTAL_PORT,
    dashboards_port: Annotated[
        int, typer.Option(metavar="PORT", help="Port des pages du service.")
    ] = DASHBOARDS_PORT,
    terminal_port: Annotated[int, typer.Option(metavar="PORT", help="Port de la borne simulée.")] = TERMINAL_PORT,
    reader_port: Annotated[
        int, typer.Option(metavar="PORT", help="Port (UDP) du lecteur de badges simulé.")
    ] = READER_PORT,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Ne pas créer la ville de démonstration quand il n'y a rien.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Tout lancer, vérifier que tout répond, puis arrêter.")
    ] = False,
) -> None:
    """Lancer tout Marelle sur cette machine : portail, pages du service, API, calculs, borne simulée.

    Sans données, crée d'abord la ville de démonstration. Ctrl-C arrête tout.
    """
    from cli.launch import launch
    from cli.services import WILDCARDS, Addresses

    name = machine_name() if host in WILDCARDS else host
    addresses = Addresses(host, name, api_port, portal_port, dashboards_port, terminal_port, reader_port)
    launch(addresses, wants_demo=not no_demo, only_check=check)


def machine_name() -> str:
    """Return the name under which other machines reach this one."""
    import socket

    return socket.getfqdn() or socket.gethostname()
