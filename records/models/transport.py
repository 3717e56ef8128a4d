"""Transport: lines with their stops, and who boards and alights where."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import (
    EDITABLE,
    Base,
    Code,
    Dated,
    Editable,
    Id,
    Label,
    Ref,
    one_of,
    ordered_range,
    references,
    unique_where_null,
)


class TransportLine(Dated, Editable, Base):
    """[M] One row per line and direction of a transport service; only lists when another authority runs it."""

    __tablename__ = "transport_line"
    __table_args__ = (
        one_of("direction", "outward", "return"),
        CheckConstraint("seats is null or seats > 0", name="seats"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    service_id: Mapped[int] = references("service.id")
    label: Mapped[Label]
    direction: Mapped[Code]
    operated_by: Mapped[str | None] = mapped_column(String(200))
    is_billed: Mapped[bool]
    seats: Mapped[int | None]


class TransportStop(Dated, Editable, Base):
    """[M] line × position over a range: a stop and its local minute; `structure_id` when it is a place of ours."""

    __tablename__ = "transport_stop"
    __table_args__ = (
        UniqueConstraint("line_id", "position", "valid_from"),
        CheckConstraint("local_minute between 0 and 1439", name="local_minute"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    line_id: Mapped[int] = references("transport_line.id", index=False)
    position: Mapped[int]
    label: Mapped[Label]
    local_minute: Mapped[int]
    structure_id: Mapped[int | None] = references("structure.id", nullable=True)


class TransportSeat(Dated, Editable, Base):
    """[M] enrolment × line × weekday (NULL = each of its days) over a range: where one boards and alights."""

    __tablename__ = "transport_seat"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "line_id", "weekday", "valid_from"),
        unique_where_null("transport_seat_each_day", "weekday", "enrolment_id", "line_id", "valid_from"),
        CheckConstraint("weekday is null or weekday between 0 and 6", name="weekday"),
        CheckConstraint("boards_at_id <> alights_at_id", name="two_stops"),
        ordered_range(),
        {"info": EDITABLE},
    )

    id: Mapped[Id]
    enrolment_id: Mapped[int] = references("enrolment.id", index=False)
    line_id: Mapped[int] = references("transport_line.id")
    weekday: Mapped[int | None]
    boards_at_id: Mapped[int] = references("transport_stop.id")
    alights_at_id: Mapped[int] = references("transport_stop.id")
