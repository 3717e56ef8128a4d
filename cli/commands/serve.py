"""`marelle serve`: one service alone, for systemd and for `marelle run`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ports import API_PORT, DASHBOARDS_PORT, LOOPBACK, PORTAL_PORT, TERMINAL_PORT

Host = Annotated[str, typer.Option(metavar="ADRESSE", help="Adresse d'écoute.")]
WithParent = Annotated[
    bool, typer.Option("--stop-with-parent", hidden=True, help="S'arrêter quand l'entrée standard se ferme.")
]


def api(
    host: Host = LOOPBACK,
    port: Annotated[int, typer.Option(metavar="PORT", help="Port d'écoute.")] = API_PORT,
    stop_with_parent: WithParent = False,
) -> None:
    """Servir l'API des bornes et des tablettes."""
    from cli.serving import serving
    from cli.settings import records_here
    from ingest_api.app import create_app
    from ingest_api.serve import serve

    with records_here() as records, serving(stop_with_parent=stop_with_parent):
        serve(create_app(records), host, port)


def portal(
    host: Host = LOOPBACK,
    port: Annotated[int, typer.Option(metavar="PORT", help="Port d'écoute.")] = PORTAL_PORT,
    dashboards_url: Annotated[
        str, typer.Option(metavar="ADRESSE", help="Adresse des pages du service.")
    ] = f"http://{LOOPBACK}:{DASHBOARDS_PORT}",
    stop_with_parent: WithParent = False,
) -> None:
    """Servir le portail des familles et la page de connexion."""
    import uvicorn

    from cli.serving import serving
    from cli.settings import home_folder, records_here
    from portal.app import create_app
    from portal.context import PortalContext

    with records_here() as records, serving(stop_with_parent=stop_with_parent):
        app = create_app(PortalContext(records, home_folder(), dashboards_url))
        uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, server_header=False)


def dashboards(
    host: Host = LOOPBACK,
    port: Annotated[int, typer.Option(metavar="PORT", help="Port d'écoute.")] = DASHBOARDS_PORT,
    portal_url: Annotated[
        str, typer.Option(metavar="ADRESSE", help="Adresse du portail, où l'on se connecte.")
    ] = f"http://{LOOPBACK}:{PORTAL_PORT}",
    stop_with_parent: WithParent = False,
) -> None:
    """Servir les pages du service : présents, cuisine, bilan CAF."""
    from cli.serving import run_streamlit, serving
    from cli.settings import records_here

    with records_here():
        pass  # says in French what is missing, before Streamlit starts
    with serving(stop_with_parent=stop_with_parent):
        run_streamlit(host, port, portal_url)


def scheduler(stop_with_parent: WithParent = False) -> None:
    """Faire les travaux longs : recalculer les chiffres quand les données changent."""
    from cli.serving import run_scheduler, serving
    from cli.settings import database_url, home_folder, records_here

    with records_here() as records, serving(stop_with_parent=stop_with_parent):
        run_scheduler(records, home_folder(), database_url())


def terminal(
    host: Host = LOOPBACK,
    port: Annotated[int, typer.Option(metavar="PORT", help="Port d'écoute.")] = TERMINAL_PORT,
    command: Annotated[
        str, typer.Option(metavar="COMMANDE", help="Commande de la borne à montrer.")
    ] = "marelle terminal",
    stop_with_parent: WithParent = False,
) -> None:
    """Montrer une borne dans le navigateur d'une tablette."""
    from cli.serving import serving
    from terminal.web import serve

    with serving(stop_with_parent=stop_with_parent):
        serve(host, port, command)
