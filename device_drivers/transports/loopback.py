"""Datagram sockets that no other machine can reach."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def loopback_socket(port: int = 0) -> socket.socket:
    """Return a UDP socket bound to ``port`` on loopback alone (0: any free port); raises OSError."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.bind((LOOPBACK, port))
    except OSError:
        bound.close()
        raise
    return bound
