"""Lists cut into pages, so that a screen never asks for a whole town."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from records.operations.lookup import invalid

T = TypeVar("T")
PAGE_SIZE = 50
PAGE_SIZE_MAX = 500


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which page of a list, from 1, and how many lines a page."""

    number: int = 1
    size: int = PAGE_SIZE


FIRST_PAGE = PageAsked()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some lines of a list, and how many it has in all."""

    lines: Sequence[T]
    total: int
    asked: PageAsked

    @property
    def pages(self) -> int:
        """How many pages the list has, 1 when it is empty."""
        return max(1, -(-self.total // self.asked.size))


def paged(
    session: Session, statement: Select[*tuple[Any, ...]], asked: PageAsked, make: Callable[[Any], T]
) -> Page[T]:
    """Return a page of an ordered statement, each row made into a line. Raises InvalidData for an impossible page.

    The order must end with a unique column, or a line could be on two pages.
    """
    _check(asked)
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = session.execute(statement.limit(asked.size).offset((asked.number - 1) * asked.size)).all()
    return Page([make(row) for row in rows], total, asked)


def page_of(lines: Sequence[T], asked: PageAsked) -> Page[T]:
    """Return a page of lines that are all there already. Raises InvalidData for an impossible page."""
    _check(asked)
    start = (asked.number - 1) * asked.size
    return Page(lines[start : start + asked.size], len(lines), asked)


def _check(asked: PageAsked) -> None:
    if asked.number < 1 or not 1 <= asked.size <= PAGE_SIZE_MAX:
        raise invalid(f"Page impossible : de 1 à {PAGE_SIZE_MAX} lignes, à partir de la page 1.")
