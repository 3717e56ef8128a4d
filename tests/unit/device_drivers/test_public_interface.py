"""What other rooms build on, pinned."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import device_drivers
from device_drivers import ReaderStatus
from device_drivers.transports.faults import down_from_os_error, lost, silent, unplugged
from tests.contracts.badge_reader_contract import assert_french


def test_exported_names_are_these() -> None:
    assert sorted(device_drivers.__all__) == [
        "AvailableAddress",
        "BadgeNotDeliveredError",
        "BadgeRead",
        "BadgeReader",
        "BadgeUidError",
        "DeviceDriverError",
        "MonotonicClock",
        "ReaderAddress",
        "ReaderAddressError",
        "ReaderKind",
        "ReaderState",
        "ReaderStatus",
        "available_addresses",
        "open_reader",
        "parse_address",
    ]


def test_statuses_are_these() -> None:
    assert [status.value for status in ReaderStatus] == ["starting", "ready", "unplugged", "failed", "closed"]


def loaded_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*(name for name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("address", ["sim:", "sim:udp:127.0.0.1:45871", "keyboard:"])
def test_readers_without_nfc_load_neither_nfcpy_nor_libusb(address: str) -> None:
    loaded = loaded_after(f"import device_drivers; device_drivers.open_reader({address!r}).close()")
    assert not loaded & {"nfc", "usb1", "serial"}


def test_missing_nfc_library_is_a_failure_with_the_remedy() -> None:
    code = (
        "import sys; sys.modules['usb1'] = None\n"
        "import device_drivers\n"
        "state = device_drivers.open_reader('nfc:usb').state()\n"
        "sys.stderr.write(f'{state.status} {state.detail}')"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8", env=environment
    )
    status, detail = result.stderr.split(" ", 1)
    assert status == "failed"
    assert "Réinstallez" in detail
    assert_french(detail)


@pytest.mark.parametrize("number", [2, 13, 16, 11, 5, None])
def test_errors_of_the_system_are_states_in_french(number: int | None) -> None:
    error = OSError() if number is None else OSError(number, "x")
    down = down_from_os_error(error, "/dev/ttyUSB0")
    assert down.status is (ReaderStatus.UNPLUGGED if number == 2 else ReaderStatus.FAILED)
    assert "/dev/ttyUSB0" in down.detail
    if number != 5:  # that sentence quotes the system's own words
        assert_french(down.detail)


def test_other_faults_speak_french() -> None:
    for down in (unplugged("/dev/ttyUSB0"), lost("/dev/ttyUSB0"), silent("/dev/ttyUSB0", "PN532")):
        assert_french(down.detail)
