"""The NFC link against a device that fails in nfcpy's many ways."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from device_drivers import ReaderStatus
from device_drivers.link import LinkDownError, Refusal, Sighting
from device_drivers.nfc.link import NfcLink
from tests.contracts.badge_reader_contract import assert_french


class FailingDevice:
    """Gives prepared answers and errors; keeps its transport open when its farewell fails."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.transport_closed = 0
        self.chipset = SimpleNamespace(transport=SimpleNamespace(close=self._close_transport))

    def mute(self) -> None:
        """The field goes off."""

    def sense_tta(self, target: Any) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        raise OSError(5, "Input/output error")

    def _close_transport(self) -> None:
        self.transport_closed += 1


def badge(uid: str) -> SimpleNamespace:
    return SimpleNamespace(sdd_res=bytearray.fromhex(uid))


def connected(device: FailingDevice) -> NfcLink:
    link = NfcLink("le lecteur d'essai", lambda: device)
    link.connect()
    return link


def test_port_is_freed_even_when_the_chip_does_not_answer_its_farewell() -> None:
    device = FailingDevice()
    link = connected(device)
    link.disconnect()
    link.disconnect()
    assert device.transport_closed == 1


@pytest.mark.parametrize("error", [ValueError("x"), IndexError("x"), AssertionError(), TypeError("x"), KeyError(1)])
def test_third_unreadable_answer_in_a_row_gives_the_chip_up(error: Exception) -> None:
    link = connected(FailingDevice(error, error, badge("DEADBEEF"), error, error, error))
    events = [event for _ in range(5) for event in link.wait_events(0)]
    assert [type(event) for event in events] == [Refusal, Refusal, Sighting, Refusal, Refusal]
    with pytest.raises(LinkDownError) as raised:
        link.wait_events(0)
    assert raised.value.status is ReaderStatus.UNPLUGGED
    assert_french(raised.value.detail)


def test_error_of_the_system_gives_the_chip_up_at_once() -> None:
    with pytest.raises(LinkDownError):
        connected(FailingDevice(OSError(19, "No such device"))).wait_events(0)


def test_badge_without_uid_part_is_refused() -> None:
    (refusal,) = connected(FailingDevice(SimpleNamespace(sdd_res=None))).wait_events(0)
    assert isinstance(refusal, Refusal)


def test_any_error_while_opening_is_a_failure_in_french() -> None:
    def broken() -> FailingDevice:
        raise AttributeError("'NoneType' object has no attribute 'split'")  # nfcpy, nameless USB reader

    with pytest.raises(LinkDownError) as raised:
        NfcLink("le lecteur d'essai", broken).connect()
    assert raised.value.status is ReaderStatus.FAILED
    assert_french(raised.value.detail)


def test_link_not_connected_is_down() -> None:
    with pytest.raises(LinkDownError):
        NfcLink("le lecteur d'essai", FailingDevice).wait_events(0)
