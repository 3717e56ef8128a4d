"""Reader addresses: what a configuration file or a command line may name.

==========================================  ==========================================================
address                                     reader
==========================================  ==========================================================
``nfc:usb``, ``nfc:usb:072f:2200``          NFC reader on USB, first known one or by vendor and product
``nfc:tty:/dev/ttyUSB0?chip=pn532``         NFC chip on a serial line (any device file, by-id names too)
``nfc:udp:127.0.0.1:PORT``                  software NFC badge on loopback (simulated)
``serial:/dev/ttyUSB1?protocol=rdm6300``    125 kHz reader on a serial line; also ``id12la``
``keyboard:``                               reader that types like a keyboard; the screen feeds it
``sim:``, ``sim:udp:127.0.0.1:PORT``        simulated reader, in process or driven by another process
==========================================  ==========================================================

Every form but ``sim:`` takes ``hold=SECONDS``: how long a badge must be out of sight before it counts
as presented again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl

from device_drivers.errors import ReaderAddressError


class ReaderKind(StrEnum):
    """Which driver an address asks for."""

    NFC_USB = "nfc:usb"
    NFC_TTY = "nfc:tty"
    NFC_UDP = "nfc:udp"
    SERIAL = "serial"
    KEYBOARD = "keyboard"
    SIM = "sim"
    SIM_UDP = "sim:udp"


SIMULATED_KINDS = frozenset({ReaderKind.NFC_UDP, ReaderKind.SIM, ReaderKind.SIM_UDP})

# A badge out of sight for less than this is still the same presentation. An NFC chip loses a badge
# at the edge of its field for a few cycles of 0.1 s; an RDM6300 repeats its frame every 65 ms.
_HOLD_SECONDS = {
    ReaderKind.NFC_USB: 0.6,
    ReaderKind.NFC_TTY: 0.6,
    ReaderKind.NFC_UDP: 0.6,
    ReaderKind.SERIAL: 1.0,
    ReaderKind.KEYBOARD: 1.0,
    ReaderKind.SIM: 0.0,  # each call is a gesture of its own
    ReaderKind.SIM_UDP: 0.0,
}
_HOLD_SECONDS_MIN, _HOLD_SECONDS_MAX = 0.05, 30.0

# What each kind may take after the question mark, besides hold; the first value is the default.
_CHOICES: dict[ReaderKind, tuple[str, tuple[str, ...]]] = {
    ReaderKind.NFC_TTY: ("chip", ("pn532",)),
    ReaderKind.SERIAL: ("protocol", ("rdm6300", "id12la")),
}

# nfcpy hands the device file to a shell (stty): only names a shell reads as one plain word pass.
_DEVICE_FILE = re.compile(r"/[A-Za-z0-9._:+@,/-]+")
_USB_ID = re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")


@dataclass(frozen=True, slots=True)
class ReaderAddress:
    """An address taken apart; ``text`` is what the person wrote."""

    text: str
    kind: ReaderKind
    hold_seconds: float
    device_file: str = ""
    usb_id: str = ""  # "072f:2200" in lower case, or empty for the first known reader
    udp_port: int = 0
    model: str = ""  # chip or protocol

    @property
    def simulated(self) -> bool:
        """True when no hardware can stand behind this address."""
        return self.kind in SIMULATED_KINDS


def is_plain_device_file(path: str) -> bool:
    """Say whether ``path`` is absolute and safe to hand to a shell unquoted."""
    return _DEVICE_FILE.fullmatch(path) is not None


def parse_address(text: str) -> ReaderAddress:
    """Take an address apart; raises ReaderAddressError with a French reason."""
    body, _, query = text.partition("?")
    kind, rest = _split_kind(text, body)
    options = _options(text, query)
    hold_seconds = _hold_seconds(text, kind, options.pop("hold", None))
    model = _model(text, kind, options)
    if options:
        raise ReaderAddressError(text, f"l'option «\u00a0{next(iter(options))}\u00a0» n'existe pas ici.")
    if kind in (ReaderKind.NFC_TTY, ReaderKind.SERIAL):
        if not is_plain_device_file(rest):
            raise ReaderAddressError(text, "indiquez le fichier du port, par exemple /dev/ttyUSB0.")
        return ReaderAddress(text, kind, hold_seconds, device_file=rest, model=model)
    if kind in (ReaderKind.NFC_UDP, ReaderKind.SIM_UDP):
        return ReaderAddress(text, kind, hold_seconds, udp_port=_loopback_port(text, rest))
    if kind is ReaderKind.NFC_USB and rest:
        if not _USB_ID.fullmatch(rest):
            raise ReaderAddressError(text, "indiquez fabricant et produit en hexadécimal, comme 072f:2200.")
        return ReaderAddress(text, kind, hold_seconds, usb_id=rest.lower())
    if rest:
        raise ReaderAddressError(text, f"rien ne peut suivre «\u00a0{kind}:\u00a0».")
    return ReaderAddress(text, kind, hold_seconds)


def _split_kind(text: str, body: str) -> tuple[ReaderKind, str]:
    for kind in (ReaderKind.NFC_USB, ReaderKind.NFC_TTY, ReaderKind.NFC_UDP, ReaderKind.SIM_UDP):
        if body == kind or body.startswith(f"{kind}:"):
            return kind, body[len(kind) + 1 :]
    for kind in (ReaderKind.SERIAL, ReaderKind.KEYBOARD, ReaderKind.SIM):
        if body.startswith(f"{kind}:"):
            return kind, body[len(kind) + 1 :]
    raise ReaderAddressError(text, "ce genre de lecteur n'est pas connu.")


def _options(text: str, query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise ReaderAddressError(text, "les options s'écrivent nom=valeur, séparées par &.") from None
    options = dict(pairs)
    if len(options) != len(pairs):
        raise ReaderAddressError(text, "une option est écrite deux fois.")
    return options


def _hold_seconds(text: str, kind: ReaderKind, written: str | None) -> float:
    if written is None:
        return _HOLD_SECONDS[kind]
    if _HOLD_SECONDS[kind] == 0.0:
        raise ReaderAddressError(text, "l'option «\u00a0hold\u00a0» n'a pas de sens pour un lecteur simulé.")
    if re.fullmatch(r"\d{1,3}(\.\d{1,3})?", written):
        seconds = float(written)
        if _HOLD_SECONDS_MIN <= seconds <= _HOLD_SECONDS_MAX:
            return seconds
    raise ReaderAddressError(
        text, f"hold doit être un nombre de secondes entre {_HOLD_SECONDS_MIN} et {_HOLD_SECONDS_MAX:g}."
    )


def _model(text: str, kind: ReaderKind, options: dict[str, str]) -> str:
    if kind not in _CHOICES:
        return ""
    name, known = _CHOICES[kind]
    model = options.pop(name, known[0])
    if model not in known:
        raise ReaderAddressError(text, f"{name} peut valoir\u00a0: {', '.join(known)}.")
    return model


def _loopback_port(text: str, rest: str) -> int:
    host, _, port = rest.rpartition(":")
    if host != "127.0.0.1":  # a simulated badge that another machine could present would be a way in
        raise ReaderAddressError(text, "seule l'adresse locale 127.0.0.1 est admise.")
    if not re.fullmatch(r"\d{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ReaderAddressError(text, "le port est un nombre de 1 à 65535.")
    return int(port)
