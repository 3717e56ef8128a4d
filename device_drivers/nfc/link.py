"""NFC type A badges seen by any nfcpy device (nfcpy 1.0.4).

==========================  =======  =====================================================
badge                       support  remarks
==========================  =======  =====================================================
NTAG21x, Ultralight         yes      7-byte UID
MIFARE Classic              yes      4-byte UID, not unique world-wide
MIFARE DESFire, Plus        yes      7-byte UID; a badge set to random UID is refused
Type A with 10-byte UID     yes
phones, bank cards          no       random UID, refused and counted
Type 1 (Topaz), B, F        no       not looked for, or refused
==========================  =======  =====================================================

Only the UID is read: no key, no memory of the badge. UIDs can be cloned (see uid.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from device_drivers.link import LinkDownError, LinkEvent, Refusal
from device_drivers.nfc.uid import judge_nfc_uid
from device_drivers.reader import ReaderStatus
from device_drivers.transports.faults import lost, silent

log = logging.getLogger(__name__)

_FAILURES_IN_A_ROW_MAX = 3
_UNREADABLE = "réponse illisible du lecteur. Présentez le badge à nouveau."


class NfcDevice(Protocol):
    """The part of nfcpy's device interface that reading a UID takes."""

    def mute(self) -> None:
        """Switch the field off."""

    def sense_tta(self, target: Any) -> Any:
        """Look for one type A badge."""

    def close(self) -> None:
        """Free the device."""


class NfcLink:
    """Questions the chip some ten times a second for the badge in its field."""

    technology = "nfc-a"
    pause_seconds = 0.08  # a child's gesture lasts about half a second; faster only heats the antenna

    def __init__(self, name: str, open_device: Callable[[], NfcDevice]) -> None:
        """``name`` is what staff call the device; ``open_device`` raises LinkDownError."""
        self._name = name
        self._open_device = open_device
        self._device: NfcDevice | None = None
        self._failures_in_a_row = 0

    def connect(self) -> None:
        """Open and initialise the chip."""
        try:
            self._device = self._open_device()
        except LinkDownError:
            raise
        except ImportError as error:
            log.warning("nfcpy cannot be loaded: %s", error)
            raise LinkDownError(
                ReaderStatus.FAILED,
                "Les programmes des lecteurs NFC manquent sur cette borne (nfcpy, libusb). "
                "Réinstallez Marelle avec l'option «\u00a0terminal\u00a0».",
            ) from error
        except Exception as error:
            # nfcpy meets garbled answers with IndexError, AttributeError, struct.error and its own types.
            log.warning("cannot open %s: %r", self._name, error)
            raise silent(self._name, "NFC") from error
        self._failures_in_a_row = 0

    def wait_events(self, timeout_seconds: float) -> Sequence[LinkEvent]:
        """Look once for a badge; the look itself bounds the wait."""
        from nfc.clf import RemoteTarget

        if self._device is None:
            raise lost(self._name)
        try:
            self._device.mute()  # a badge that lost the field answers afresh
            target = self._device.sense_tta(RemoteTarget("106A"))
        except OSError as error:
            log.info("%s stopped answering: %r", self._name, error)
            raise lost(self._name) from error
        except Exception as error:
            return [self._unreadable(error)]
        self._failures_in_a_row = 0
        return [] if target is None else [_judge(target)]

    def disconnect(self) -> None:
        """Free the chip."""
        device, self._device = self._device, None
        if device is None:
            return
        transport = getattr(getattr(device, "chipset", None), "transport", None)
        try:
            device.close()
        except Exception as error:  # a chip that is gone fails in as many ways as nfcpy has layers
            log.info("closing %s: %r", self._name, error)
        if transport is not None:
            transport.close()  # nfcpy leaves the port open when the chip does not answer its farewell

    def _unreadable(self, error: Exception) -> Refusal:
        # nfcpy meets garbled answers with IndexError, ValueError, struct.error and its own types.
        self._failures_in_a_row += 1
        log.info("%s gave an unreadable answer: %r", self._name, error)
        if self._failures_in_a_row >= _FAILURES_IN_A_ROW_MAX:
            raise lost(self._name) from error
        return Refusal(_UNREADABLE)


def _judge(target: Any) -> LinkEvent:
    if not target.sdd_res:
        return Refusal("type de badge non pris en charge.", hold_key="type-1")
    return judge_nfc_uid(bytes(target.sdd_res))
