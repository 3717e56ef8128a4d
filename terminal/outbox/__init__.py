"""The durable outbox: SQLite and a journal, green only when a tap is in both (docs/adr, reliability notes §3.3)."""

from terminal.outbox.drafts import (
    Counts,
    KeptTap,
    Moment,
    OutboxError,
    StoreDamaged,
    StoredTap,
    TapDraft,
    TapNotKept,
)
from terminal.outbox.outbox import Outbox, OutboxLimits, borrowed_store, purge
from terminal.outbox.recovery import RecoveryReport
from terminal.outbox.store import ParkedTap, Store

__all__ = [
    "Counts",
    "KeptTap",
    "Moment",
    "Outbox",
    "OutboxError",
    "OutboxLimits",
    "ParkedTap",
    "RecoveryReport",
    "Store",
    "StoreDamaged",
    "StoredTap",
    "TapDraft",
    "TapNotKept",
    "borrowed_store",
    "purge",
]
