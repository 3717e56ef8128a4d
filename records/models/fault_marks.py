"""What people say of the faults that the controls of month end find (domain notes §7): dealt with, and how."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, Code, Id, Recorded, facts


class FaultMark(Recorded, Base):
    """[I] fault × seq: its owner says that it is dealt with, and how; the highest seq counts.

    `fault_key` and `owner_role` are those of the mart fct_coherence_faults. A mark never hides what is still wrong:
    a fault that figures calculated later still have has come back.
    """

    __tablename__ = "fault_mark"
    __table_args__ = (UniqueConstraint("fault_key", "seq"), {"info": facts("note")})

    id: Mapped[Id]
    fault_key: Mapped[str] = mapped_column(String(160))
    seq: Mapped[int]
    owner_role: Mapped[Code]
    note: Mapped[str | None] = mapped_column(String(400))
