"""Long work as rows: what was asked, how far it is, what came out (docs/adr/0009)."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, Code, Id, Micros, one_of


class Job(Base):
    """One row per piece of long work, run by the one scheduler; `progress_e4` goes from 0 to 10000."""

    __tablename__ = "job"
    __table_args__ = (one_of("state", "waiting", "running", "done", "failed", "cancelled"),)

    id: Mapped[Id]
    kind: Mapped[Code]
    arguments: Mapped[str] = mapped_column(Text)
    state: Mapped[Code] = mapped_column(index=True)
    progress_e4: Mapped[int]
    message: Mapped[str] = mapped_column(String(400))
    result: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[Micros]
    started_at: Mapped[Micros | None]
    finished_at: Mapped[Micros | None]
    heartbeat_at: Mapped[Micros | None]
