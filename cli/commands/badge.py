"""`marelle badge`: present a badge to a simulated reader."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.ports import LOOPBACK, READER_PORT

DEFAULT_READER = f"sim:udp:{LOOPBACK}:{READER_PORT}"


def badge(
    uid: Annotated[str, typer.Argument(metavar="NUMÉRO", help="Numéro du badge, en hexadécimal.")],
    reader: Annotated[str, typer.Option(metavar="ADRESSE", help="Adresse du lecteur simulé.")] = DEFAULT_READER,
) -> None:
    """Présenter un badge au lecteur simulé d'une borne de cette machine.

    Lecteurs : sim:udp:127.0.0.1:PORT, ou nfc:udp:127.0.0.1:PORT pour un badge NFC logiciel.
    """
    from cli.output import print_line
    from device_drivers.simulated import present_badge

    present_badge(reader, uid)
    print_line(f"Badge {uid.upper()} présenté à {reader}. Regardez l'écran de la borne.")
