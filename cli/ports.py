"""Default addresses of the services, and whether a port is free."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import MarelleError

LOOPBACK = "127.0.0.1"
API_PORT, PORTAL_PORT, DASHBOARDS_PORT, TERMINAL_PORT = 8010, 8020, 8030, 8040
READER_PORT = 8041


class PortTaken(MarelleError):
    """A port is used by another program."""

    code = "port_taken"


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a service wants, and the option that changes it."""

    number: int
    label: str
    option: str


def require_free(host: str, ports: Sequence[Port]) -> None:
    """Raise PortTaken when a port cannot be listened on, or is wanted twice."""
    seen: dict[int, Port] = {}
    for port in ports:
        if port.number in seen:
            raise PortTaken(
                f"Le port {port.number} est demandé deux fois : {seen[port.number].label} et {port.label}. "
                f"Choisissez-en un autre avec {port.option}.",
                port=port.number,
            )
        seen[port.number] = port
        if not is_free(host, port.number):
            raise PortTaken(
                f"Le port {port.number} ({port.label}) est déjà pris, par un autre programme ou par Marelle déjà "
                f"lancée. Fermez-le, ou choisissez un autre port : {port.option} {port.number + 100}.",
                port=port.number,
            )


def is_free(host: str, port: int) -> bool:
    """Say whether a TCP port can be listened on now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True
