"""The simulators on the command line, as separate processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from device_drivers import ReaderStatus, open_reader
from device_drivers.simulated import frame_player, nfc_badge
from tests.contracts.badge_reader_contract import PATIENCE_SECONDS, assert_french, free_port, wait_for_status

Player = subprocess.Popen[str]


@pytest.fixture
def player() -> Iterator[Player]:
    command = [sys.executable, "-m", "device_drivers.simulated.frame_player", "--protocol", "id12la"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()


def say(player: Player, line: str) -> str:
    assert player.stdin is not None
    assert player.stdout is not None
    player.stdin.write(line + "\n")
    player.stdin.flush()
    return player.stdout.readline().strip()


def test_frame_player_process_is_a_reader_one_can_open(player: Player) -> None:
    assert player.stdout is not None
    reader = open_reader(player.stdout.readline().strip())
    uids = []
    for line in ("BAD 0A000003E8", "NOISE 0A00000001", "SPLIT 0A00000002", "TAP 0A00000003"):
        assert say(player, line) == f"ok {line}"
        read = reader.poll(0.05 if line.startswith("BAD") else PATIENCE_SECONDS)
        uids.append(read and read.uid)
    assert uids == [None, "0A00000001", "0A00000002", "0A00000003"]
    say(player, "UNPLUG")
    wait_for_status(reader, ReaderStatus.UNPLUGGED)
    say(player, "PLUG")
    wait_for_status(reader, ReaderStatus.READY)
    reader.close()


def test_frame_player_says_in_french_which_command_it_did_not_understand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert frame_player.main([], ["DANCE\n", "TAP zz\n", "\n", "AWAY\n"]) == 1
    unknown, bad_number = capsys.readouterr().err.splitlines()
    assert_french(unknown)
    assert_french(bad_number)


def test_frame_player_that_understood_everything_ends_well() -> None:
    assert frame_player.main([], ["HOLD 0A000003E8\n", "AWAY\n"]) == 0


def test_nfc_badge_process_is_read_through_nfcpy() -> None:
    port = free_port()
    command = [sys.executable, "-m", "device_drivers.simulated.nfc_badge", str(port), "04a1b2c3d4e5f6"]
    reader = open_reader(f"nfc:udp:127.0.0.1:{port}")
    with subprocess.Popen([*command, "--until-read"], stdout=subprocess.PIPE, text=True) as badge:
        read = reader.poll(PATIENCE_SECONDS)
        assert badge.wait(PATIENCE_SECONDS) == 0
    assert read is not None
    assert read.uid == "04A1B2C3D4E5F6"
    reader.close()


def test_nfc_badge_refuses_a_number_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    assert nfc_badge.main([str(free_port()), "zz"]) == 2
    assert_french(capsys.readouterr().err.strip())


def test_nfc_badge_on_a_taken_port_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    with nfc_badge.NfcBadge(port, "DEADBEEF"):
        assert nfc_badge.main([str(port), "DEADBEEF", "--seconds", "0"]) == 1
    assert f"Le port local {port}" in capsys.readouterr().err


def test_nfc_badge_nobody_reads_is_not_a_success() -> None:
    assert nfc_badge.main([str(free_port()), "DEADBEEF", "--seconds", "0.05", "--until-read"]) == 1
