"""State values entered by the town, newer than those of the release."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import VERSIONED, Base, Day, Id, Label, Recorded


class StateValue(Recorded, Base):
    """[V] parameter of `domain.parameters` × valid_from × seq: a national value, with its source; the last stands.

    `value` is a decimal number as text (« 0.0619 »), in the parameter's unit: an exact number on both engines.
    """

    __tablename__ = "state_value"
    __table_args__ = (UniqueConstraint("parameter_id", "valid_from", "seq"), {"info": VERSIONED})

    id: Mapped[Id]
    parameter_id: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[Day]
    seq: Mapped[int]
    value: Mapped[str] = mapped_column(String(40))
    source: Mapped[Label]
