"""Ports of `marelle run`: taken ones are refused by name before anything starts."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from domain.errors import MarelleError


class PortTaken(MarelleError):
    """A port is used by another program."""

    code = "port_taken"


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a service wants, and the option that changes it."""

    number: int
    label: str
    option: str


def require_free(host: str, ports: list[Port]) -> None:
    """Raise PortTaken when a port cannot be listened on."""
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
                f"lancée ailleurs. Fermez-le, ou choisissez un autre port : {port.option} {port.number + 100}.",
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
