"""What the page of the month's end shows of the lines that are not invoiced yet."""

from datetime import date

import pytest

from dashboards.viewmodels.month import STATUSES, to_settle
from warehouse.month_figures import WaitingLine


def a_line(status: str) -> WaitingLine:
    return WaitingLine(
        "c~s~d~meal~p", status, date(2026, 10, 5), "c", "Léa", "Fournier", "Cantine", "t", "Tilleuls", None
    )


@pytest.mark.parametrize("status", sorted(STATUSES.keys() - {"not_confirmed"}))
def test_a_line_that_lacks_something_is_to_settle(status: str) -> None:
    assert to_settle([a_line(status)]) == [a_line(status)]


def test_a_line_that_waits_for_its_place_alone_is_told_with_the_place() -> None:
    assert to_settle([a_line("not_confirmed")]) == []
