"""Which NFC numbers may identify a badge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.link import Refusal, Sighting
from device_drivers.nfc.uid import judge_nfc_uid
from tests.contracts.badge_reader_contract import assert_french


@pytest.mark.parametrize("uid", ["DEADBEEF", "04A1B2C3D4E5F6", "04A1B2C3D4E5F6A7B8C9", "08A1B2C3D4E5F6"])
def test_acceptable_uid_is_its_upper_case_hexadecimal(uid: str) -> None:
    assert judge_nfc_uid(bytes.fromhex(uid)) == Sighting(uid)


@pytest.mark.parametrize("uid", ["08000000", "08FFFFFF", "08112233"])
def test_four_bytes_that_start_with_08_are_random_and_refused(uid: str) -> None:
    verdict = judge_nfc_uid(bytes.fromhex(uid))
    assert isinstance(verdict, Refusal)
    assert "change de numéro" in verdict.reason


@pytest.mark.parametrize("uid", ["88A1B2C3", "88A1B2C3D4E5F6"])
def test_cascade_tag_is_no_first_byte(uid: str) -> None:
    assert isinstance(judge_nfc_uid(bytes.fromhex(uid)), Refusal)


@given(uid=st.binary(max_size=20))
def test_only_uids_of_4_7_or_10_bytes_are_accepted_and_refusals_speak_french(uid: bytes) -> None:
    verdict = judge_nfc_uid(uid)
    if isinstance(verdict, Sighting):
        assert len(uid) in (4, 7, 10)
        assert verdict.uid == uid.hex().upper()
    else:
        assert_french(f"Le lecteur dit\u00a0: {verdict.reason}")
