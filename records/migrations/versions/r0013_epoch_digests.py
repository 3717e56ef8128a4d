"""The digest of the contents kept of each epoch, made from the taps that are there (docs/adr/0007)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_EPOCH = sa.table("device_epoch", sa.column("device_id"), sa.column("epoch"), sa.column("digest"))
_TAP = sa.table("tap", sa.column("device_id"), sa.column("epoch"), sa.column("payload_hash"))
_ROWS_AT_ONCE = 10_000


def upgrade() -> None:
    """Add the column and fill it, and let an epoch be found whichever device sent it."""
    op.add_column("device_epoch", sa.Column("digest", sa.String(length=32), nullable=True))
    op.create_index("ix_device_epoch_epoch", "device_epoch", ["epoch"], unique=False)
    connection = op.get_bind()
    digests: dict[tuple[int, str], int | None] = {
        (row.device_id, row.epoch): 0
        for row in connection.execute(sa.select(_EPOCH.c.device_id, _EPOCH.c.epoch)).all()
    }
    contents = sa.select(_TAP.c.device_id, _TAP.c.epoch, _TAP.c.payload_hash)
    taps: Iterable[Any] = connection.execute(contents, execution_options={"yield_per": _ROWS_AT_ONCE})
    for device_id, epoch, payload_hash in taps:
        known = digests.get((device_id, epoch))
        # A tap that came by import may have no hash: what its epoch holds cannot be told then.
        digests[device_id, epoch] = (
            None if known is None or not payload_hash else known ^ int(payload_hash[:32], 16)
        )
    if digests:
        connection.execute(
            sa.update(_EPOCH)
            .where(_EPOCH.c.device_id == sa.bindparam("one_device"), _EPOCH.c.epoch == sa.bindparam("one_epoch"))
            .values(digest=sa.bindparam("found")),
            [
                {"one_device": device_id, "one_epoch": epoch, "found": None if found is None else f"{found:032x}"}
                for (device_id, epoch), found in digests.items()
            ],
        )
