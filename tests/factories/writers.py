"""A process that only writes: what several of them do at once is what the records must survive."""

from datetime import date, timedelta

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import open_records
from records.models import CalendarDay
from records.operations.bookings import NewBooking, book

WRITES = 60
FIRST_DAY = date(2026, 11, 24)


def write_closures(url: str, zone: str) -> list[int]:
    """Add closures to a school zone one write at a time; returns the change_seq of each."""
    records = open_records(url)
    order = []
    for number in range(WRITES):
        with records.write(SETUP, "close") as write:
            day = FIRST_DAY + timedelta(days=number)
            write.session.add(CalendarDay(zone=zone, day=day, kind="closure", label="Grève"))
            order.append(write.change_seq)
    records.close()
    return order


def book_one_by_one(url: str, now: int, bookings: list[NewBooking]) -> list[str]:
    """Ask for each booking in a transaction of its own; returns what was recorded, or « refused »."""
    records = open_records(url, lambda: now)
    found = []
    for each in bookings:
        try:
            found.append(book(records, SETUP, each).action)
        except InvalidData:
            found.append("refused")
    records.close()
    return found
