"""The days kept with a declaration: read back the same, refused when touched, held against those of today."""

import base64
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.caf_days import DayDifference, DeclaredDay, day_differences, packed, unpacked
from domain.errors import Conflict

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
HOURS = ("alsh_peri.hours", "alsh_peri.hours_rg")
LEA = DeclaredDay("lea", "soir", MONDAY, Decimal("120.0000"), HOURS)
NOE = DeclaredDay("noe", "soir", TUESDAY, Decimal("120.0000"), ("alsh_peri.hours", "alsh_peri.hours_msa"))
SEEN = DeclaredDay("lea", "soir", MONDAY, Decimal(1), ("alsh_peri.children",))


def test_days_are_read_back_as_they_were_kept_whatever_their_order() -> None:
    kept, sha256 = packed([NOE, LEA, SEEN])
    assert packed([LEA, SEEN, NOE]) == (kept, sha256)
    assert set(unpacked(kept, sha256)) == {LEA, NOE, SEEN}
    assert unpacked(*packed([])) == ()


@pytest.mark.parametrize(
    "touched",
    [packed([LEA])[0], "", "pas du base64 !", base64.b64encode(b"rien").decode(),
     base64.b64encode(zlib.compress(b"lea")).decode()],
)  # fmt: skip
def test_days_that_were_touched_are_refused(touched: str) -> None:
    _, sha256 = packed([LEA, NOE])
    with pytest.raises(Conflict, match="empreinte"):
        unpacked(touched, sha256)


def test_a_correction_is_the_difference_of_its_day_and_of_no_other() -> None:
    corrected = replace(LEA, quantity=Decimal("60.0000"))
    found = day_differences([LEA, NOE, SEEN], [corrected, NOE, SEEN], "alsh_peri.hours")
    assert found == (
        DayDifference("lea", "soir", MONDAY, Decimal(120), Decimal(60)),
        DayDifference("noe", "soir", TUESDAY, Decimal(120), Decimal(120)),
    )
    assert [each.change for each in found] == [Decimal(-60), Decimal(0)]


def test_a_day_that_left_a_line_and_one_that_came_into_it_are_both_told() -> None:
    of_msa = replace(LEA, keys=("alsh_peri.hours", "alsh_peri.hours_msa"))
    found = day_differences([LEA], [of_msa], "alsh_peri.hours_rg")
    assert [(each.before, each.after) for each in found] == [(Decimal(120), Decimal(0))]
    found = day_differences([LEA], [of_msa], "alsh_peri.hours_msa")
    assert [(each.before, each.after) for each in found] == [(Decimal(0), Decimal(120))]
    assert [each.change for each in day_differences([LEA], [of_msa], "alsh_peri.hours")] == [Decimal(0)]
