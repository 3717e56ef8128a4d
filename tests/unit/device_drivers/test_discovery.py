"""What seems to be plugged in, read from a file system made for the test."""

from __future__ import annotations

from pathlib import Path

from nfc.clf.device import usb_device_map

from device_drivers import available_addresses, parse_address
from device_drivers.discovery import NFC_USB_READERS, plugged_usb_ids


def plug_usb(root: Path, port: str, vendor: str, product: str) -> None:
    device = root / "sys/bus/usb/devices" / port
    device.mkdir(parents=True)
    (device / "idVendor").write_text(f"{vendor}\n")
    (device / "idProduct").write_text(f"{product}\n")


def plug_serial(root: Path, name: str) -> None:
    folder = root / "dev/serial/by-id"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).symlink_to("../../ttyUSB0")


def test_nothing_plugged_is_an_empty_list(tmp_path: Path) -> None:
    assert available_addresses(tmp_path) == []


def test_known_usb_reader_is_certain_and_named(tmp_path: Path) -> None:
    plug_usb(tmp_path, "1-1.2", "072f", "2200")
    plug_usb(tmp_path, "1-1.3", "046d", "c31c")  # a keyboard
    (tmp_path / "sys/bus/usb/devices/1-1.2:1.0").mkdir()  # an interface has no ids
    (found,) = available_addresses(tmp_path)
    assert (found.address, found.label, found.certain) == ("nfc:usb:072f:2200", "ACS ACR122U (NFC, USB)", True)


def test_two_readers_of_one_model_share_one_address(tmp_path: Path) -> None:
    plug_usb(tmp_path, "1-1", "072F", "2200")
    plug_usb(tmp_path, "1-2", "072f", "2200")
    assert plugged_usb_ids(tmp_path) == ["072f:2200"]


def test_serial_converter_is_offered_as_each_reader_it_may_be(tmp_path: Path) -> None:
    plug_serial(tmp_path, "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0")
    found = available_addresses(tmp_path)
    path = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
    assert [reader.address for reader in found] == [
        f"nfc:tty:{path}?chip=pn532",
        f"serial:{path}?protocol=rdm6300",
        f"serial:{path}?protocol=id12la",
    ]
    assert not any(reader.certain for reader in found)


def test_serial_port_of_the_board_itself_is_offered(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/serial0").touch()
    assert "serial:/dev/serial0?protocol=rdm6300" in [reader.address for reader in available_addresses(tmp_path)]


def test_every_address_offered_is_understood(tmp_path: Path) -> None:
    plug_usb(tmp_path, "1-1", "054c", "06c3")
    plug_serial(tmp_path, "usb-1a86_USB_Serial-if00-port0")
    plug_serial(tmp_path, "usb-odd name;reboot")  # never offered
    found = available_addresses(tmp_path)
    assert [parse_address(reader.address).text for reader in found] == [reader.address for reader in found]
    assert len(found) == 4


def test_this_machine_can_be_asked() -> None:
    assert all(parse_address(reader.address) for reader in available_addresses())


def test_usb_table_is_that_of_nfcpy() -> None:
    assert sorted(NFC_USB_READERS) == sorted(f"{vendor:04x}:{product:04x}" for vendor, product in usb_device_map)
