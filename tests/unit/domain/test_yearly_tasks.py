"""Tasks of each year: the day that is asked for, however late, and the proposed list."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.yearly_tasks import PROPOSED, YearlyDay, is_yearly_day
from records.operations.yearly_tasks import NOTICE_MAX, TASK_RIGHTS

START = date(2024, 9, 1)
SPRING = YearlyDay(5, 15, 30, START)
DAYS = st.dates(date(2025, 1, 1), date(2035, 12, 31))
TASKS = st.builds(YearlyDay, st.integers(1, 12), st.integers(1, 28), st.integers(0, NOTICE_MAX), st.just(START))


def test_a_task_is_asked_for_from_its_notice_on() -> None:
    assert SPRING.asked_on(date(2027, 4, 14)) == date(2026, 5, 15)
    assert SPRING.asked_on(date(2027, 4, 15)) == date(2027, 5, 15)


def test_a_task_stays_asked_for_until_the_notice_of_the_next_year() -> None:
    assert SPRING.asked_on(date(2027, 12, 1)) == date(2027, 5, 15)


def test_a_task_of_january_is_asked_for_in_december() -> None:
    assert YearlyDay(1, 15, 30, START).asked_on(date(2026, 12, 20)) == date(2027, 1, 15)


def test_a_day_before_the_task_began_or_once_it_has_ended_is_not_asked_for() -> None:
    assert YearlyDay(5, 15, 30, date(2027, 5, 16)).asked_on(date(2027, 6, 1)) is None
    assert YearlyDay(5, 15, 30, START, date(2025, 5, 15)).next_after(date(2025, 1, 1)) is None


@given(task=TASKS, today=DAYS)
def test_what_is_asked_for_is_the_last_day_whose_notice_has_begun(task: YearlyDay, today: date) -> None:
    due_on = task.asked_on(today)
    following = task.next_after(today + timedelta(days=task.notice_days + 1))
    assert following is not None
    assert due_on is None or due_on - timedelta(days=task.notice_days) <= today
    assert following - timedelta(days=task.notice_days) > today
    assert due_on is None or task.due_days(due_on + timedelta(days=1), following - timedelta(days=1)) == []


def test_the_29th_of_february_is_no_yearly_day() -> None:
    assert not is_yearly_day(2, 29)
    assert is_yearly_day(2, 28)


def test_the_proposed_list_is_of_tasks_that_a_town_may_keep() -> None:
    assert len({task.ref for task in PROPOSED}) == len(PROPOSED)
    for task in PROPOSED:
        assert is_yearly_day(task.month, task.day)
        assert 0 <= task.notice_days <= NOTICE_MAX
        assert task.held_right in TASK_RIGHTS
        assert len(task.label) <= 200
        assert len(task.how) <= 400
