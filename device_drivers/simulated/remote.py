"""Presenting a badge to a simulated reader that runs in another process of this machine."""

from __future__ import annotations

import socket

from device_drivers.addresses import ReaderKind, parse_address
from device_drivers.errors import BadgeNotDeliveredError, ReaderAddressError
from device_drivers.simulated.reader import tap_datagram
from device_drivers.simulated.uids import uid_bytes
from device_drivers.transports.loopback import LOOPBACK, loopback_socket


def present_badge(address: str, uid: str, *, timeout_seconds: float = 5.0) -> None:
    """Present the badge ``uid`` (hexadecimal) to the reader at ``address``.

    ``sim:udp:127.0.0.1:PORT``: handed to the listening reader, which reads it at its next poll.
    ``nfc:udp:127.0.0.1:PORT``: a software NFC badge is held there until a reader has read its UID,
    ``timeout_seconds`` at most.
    Raises ReaderAddressError for another kind of address, BadgeUidError for a malformed number,
    BadgeNotDeliveredError when no reader took the badge.
    """
    parsed = parse_address(address)
    number = uid_bytes(uid)
    if parsed.kind is ReaderKind.SIM_UDP:
        _send_tap(address, parsed.udp_port, number)
    elif parsed.kind is ReaderKind.NFC_UDP:
        _hold_nfc_badge(address, parsed.udp_port, number, timeout_seconds)
    else:
        raise ReaderAddressError(address, "seuls les lecteurs sim:udp et nfc:udp acceptent un badge simulé.")


def _send_tap(address: str, port: int, number: bytes) -> None:
    with loopback_socket() as sender:
        try:
            sender.connect((LOOPBACK, port))
            sender.send(tap_datagram(number.hex().upper()))
            # On loopback the refusal of a closed port is there as soon as the datagram is sent.
            refused = sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        except OSError as error:
            refused = error.errno or -1
    if refused:
        raise BadgeNotDeliveredError(
            address,
            "aucune borne n'écoute à cette adresse. Lancez la borne, ou ouvrez la page de la borne simulée, puis "
            "recommencez.",
        )


def _hold_nfc_badge(address: str, port: int, number: bytes, timeout_seconds: float) -> None:
    from device_drivers.simulated.nfc_badge import NfcBadge  # nfcpy is loaded only for NFC

    try:
        with NfcBadge(port, number.hex()) as badge:
            read = badge.wait_until_read(timeout_seconds)
    except OSError as error:
        raise BadgeNotDeliveredError(address, "un autre badge simulé y est déjà posé. Retirez-le.") from error
    if not read:
        raise BadgeNotDeliveredError(address, "aucun lecteur ne l'a lu. Lancez la borne, puis recommencez.")
