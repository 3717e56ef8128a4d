"""Reader addresses, understood or refused in French."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers import ReaderAddressError, ReaderKind, open_reader, parse_address
from tests.contracts.badge_reader_contract import assert_french


@pytest.mark.parametrize(
    ("text", "kind", "part", "value"),
    [
        ("nfc:usb", ReaderKind.NFC_USB, "usb_id", ""),
        ("nfc:usb:072F:2200", ReaderKind.NFC_USB, "usb_id", "072f:2200"),
        ("nfc:tty:/dev/ttyUSB0", ReaderKind.NFC_TTY, "model", "pn532"),
        ("nfc:tty:/dev/ttyUSB0?chip=pn532", ReaderKind.NFC_TTY, "device_file", "/dev/ttyUSB0"),
        ("nfc:udp:127.0.0.1:54321", ReaderKind.NFC_UDP, "udp_port", 54321),
        ("serial:/dev/ttyUSB1?protocol=id12la", ReaderKind.SERIAL, "model", "id12la"),
        ("serial:/dev/ttyUSB1?protocol=rdm6300&hold=2.5", ReaderKind.SERIAL, "hold_seconds", 2.5),
        ("keyboard:", ReaderKind.KEYBOARD, "hold_seconds", 1.0),
        ("sim:", ReaderKind.SIM, "simulated", True),
        ("sim:udp:127.0.0.1:4000", ReaderKind.SIM_UDP, "udp_port", 4000),
        (
            "nfc:tty:/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0",
            ReaderKind.NFC_TTY,
            "device_file",
            "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0",
        ),
        (
            "serial:/dev/serial/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.3:1.0-port0",
            ReaderKind.SERIAL,
            "model",
            "rdm6300",
        ),
    ],
)
def test_address_is_taken_apart(text: str, kind: ReaderKind, part: str, value: object) -> None:
    address = parse_address(text)
    assert (address.text, address.kind, getattr(address, part)) == (text, kind, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "usb",
        "nfc",
        "nfc:bluetooth",
        "nfc:usbx",
        "nfc:usb:72f:2200",
        "nfc:usb:072f",
        "nfc:usb?chip=pn532",
        "nfc:tty:",
        "nfc:tty:ttyUSB0",
        "nfc:tty:/dev/ttyUSB0?chip=arygon",
        "nfc:tty:/dev/ttyUSB0;reboot",
        "nfc:tty:/dev/tty USB0",
        "nfc:tty:/dev/$(id)",
        "nfc:udp:0.0.0.0:4000",
        "nfc:udp:localhost:4000",
        "nfc:udp:192.168.1.4:4000",
        "nfc:udp:127.0.0.1",
        "nfc:udp:127.0.0.1:0",
        "sim:udp:127.0.0.1:65536",
        "sim:udp:127.0.0.1:4000:5",
        "sim:4000",
        "sim:?hold=1",
        "sim",
        "keyboard:fr",
        "serial:/dev/ttyUSB1?protocol=wiegand",
        "serial:/dev/ttyUSB1?protocol",
        "serial:/dev/ttyUSB1?protocol=rdm6300&protocol=id12la",
        "serial:/dev/ttyUSB1?baud=9600",
        "serial:/dev/ttyUSB1?hold=",
        "serial:/dev/ttyUSB1?hold=-1",
        "serial:/dev/ttyUSB1?hold=nan",
        "serial:/dev/ttyUSB1?hold=31",
        "serial:/dev/ttyUSB1?hold=0",
    ],
)
def test_address_not_understood_is_refused_in_french(text: str) -> None:
    with pytest.raises(ReaderAddressError) as raised:
        open_reader(text)
    assert raised.value.address == text
    assert text in str(raised.value)
    assert_french(f"Le lecteur : {raised.value.reason}".replace(" :", "\u00a0:"))


@given(text=st.one_of(st.text(), st.text().map("nfc:tty:/{}".format), st.text().map("sim:udp:127.0.0.1:{}".format)))
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    try:
        address = parse_address(text)
    except ReaderAddressError:
        return
    assert address.text == text
    assert all(character.isalnum() or character in "/._:+@,-" for character in address.device_file)
