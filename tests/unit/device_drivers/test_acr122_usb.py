"""The ACR122U: nfcpy's own driver against a software reader; only libusb's transfers are replaced."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nfc.clf.acr122
import nfc.clf.device
import pytest

from device_drivers import ReaderStatus, open_reader
from device_drivers.link import LinkDownError
from device_drivers.nfc.usb import open_usb
from device_drivers.simulated.acr122 import Acr122Transport
from tests.contracts.badge_reader_contract import (
    HOLD_SECONDS,
    PluggableBench,
    PluggableReaderContract,
    assert_french,
)


class Acr122Bench(PluggableBench):
    technology = "nfc-a"
    uids = ("04A1B2C3D4E5F6", "DEADBEEF")
    simulated = False

    def __init__(self) -> None:
        self.usb = Acr122Transport()
        self.paths_asked: list[str] = []

    def start(self) -> None:
        self.reader = open_reader(f"nfc:usb:072F:2200?hold={HOLD_SECONDS}")

    def connect(self, path: str) -> Any:
        self.paths_asked.append(path)
        return nfc.clf.acr122.init(self.usb) if self.usb.plugged else None

    def place(self, uid: str) -> None:
        self.usb.place(uid)

    def remove(self) -> None:
        self.usb.remove()

    @contextlib.contextmanager
    def garbage(self) -> Iterator[None]:
        self.usb.garble(bytes(range(256)))
        yield

    @contextlib.contextmanager
    def interrupted(self, uid: str) -> Iterator[None]:
        self.usb.garble(bytes.fromhex("80080000000000000000D54B010100440007"))
        yield

    def unplug(self) -> None:
        self.usb.plugged = False

    def replug(self) -> None:
        self.usb.plugged = True


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Acr122Bench]:
    bench = Acr122Bench()
    monkeypatch.setattr(nfc.clf.device, "connect", bench.connect)
    bench.start()
    yield bench
    bench.close()


class TestAcr122OnUsb(PluggableReaderContract):
    pass


def test_reader_is_asked_for_by_vendor_and_product(bench: Acr122Bench) -> None:
    assert bench.paths_asked == ["usb:072f:2200"]


def test_reader_the_account_may_not_use_is_a_failure_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: str) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(nfc.clf.device, "connect", forbidden)
    reader = open_reader("nfc:usb:072f:2200")
    try:
        assert reader.state().status is ReaderStatus.FAILED
        assert "règle udev" in reader.state().detail
        assert_french(reader.state().detail)
    finally:
        reader.close()


def test_unnamed_reader_is_asked_for_by_the_ids_found_plugged(
    bench: Acr122Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "sys/bus/usb/devices/1-1.2"
    device.mkdir(parents=True)
    (device / "idVendor").write_text("072f\n")
    (device / "idProduct").write_text("2200\n")
    open_usb("", tmp_path).close()
    assert bench.paths_asked[-1] == "usb:072f:2200"


def test_no_reader_on_usb_is_unplugged(tmp_path: Path) -> None:
    with pytest.raises(LinkDownError) as raised:
        open_usb("", tmp_path)  # through libusb: this machine has no such reader
    assert raised.value.status is ReaderStatus.UNPLUGGED
    assert_french(raised.value.detail)
