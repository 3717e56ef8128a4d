"""`marelle terminal`: the touch terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.ports import API_PORT, LOOPBACK


def terminal(
    mode: Annotated[str, typer.Option(metavar="MODE", help="badge ou roll-call (appel sur tablette).")] = "badge",
    reader: Annotated[
        str,
        typer.Option(metavar="ADRESSE", help="Lecteur : nfc:usb, nfc:tty:…, serial:…, keyboard:, sim:… ou none."),
    ] = "sim:",
    api: Annotated[
        str, typer.Option(metavar="ADRESSE", help="Adresse de l'API du serveur.")
    ] = f"http://{LOOPBACK}:{API_PORT}",
    folder: Annotated[
        Path | None, typer.Option(metavar="DOSSIER", help="Dossier de la borne ; sans lui, MARELLE_HOME/terminal.")
    ] = None,
    code: Annotated[str, typer.Option(metavar="CODE", help="Code d'enrôlement, au premier démarrage.")] = "",
    service: Annotated[str, typer.Option(metavar="REF", help="Un seul service ; sans lui, l'heure décide.")] = "",
    pre_tick: Annotated[
        bool, typer.Option("--pre-tick", help="Appel : proposer présents les enfants attendus.")
    ] = False,
) -> None:
    """Lancer la borne tactile : badge ou appel, avec ou sans réseau.

    Un passage n'est montré en vert qu'une fois enregistré deux fois sur cette machine. L'envoi au serveur attend
    le retour du réseau s'il le faut.
    """
    from cli.help import WrongValue
    from cli.settings import home_folder
    from terminal.app import run_terminal
    from terminal.config import BADGE, ROLL_CALL, TerminalConfig

    if mode not in (BADGE, ROLL_CALL):
        raise WrongValue(f"« {mode} » n'est pas un mode. Choisissez badge ou roll-call.")
    config = TerminalConfig(
        home=(folder or home_folder() / "terminal").absolute(),
        mode=mode,
        reader=reader,
        api=api,
        enrol_code=code or None,
        service=service or None,
        pre_tick=pre_tick,
    )
    raise typer.Exit(run_terminal(config))
