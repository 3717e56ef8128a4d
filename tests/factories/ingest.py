"""An enrolled terminal as the tests of the ingest see it: its secret, and what the store receives from it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from domain.wire.v1 import TapV1
from records.operations.tap_rows import TapBatch
from tests.factories.town import HandClock
from tests.factories.wire import OCCURRED_AT, batch_body, read_batch

__all__ = ["RECEIVED_AT", "HandClock", "Terminal"]

RECEIVED_AT = OCCURRED_AT + 3_600_000_000


@dataclass(frozen=True)
class Terminal:
    """An enrolled device."""

    device_id: int
    device_ref: str
    token: str

    @property
    def token_hash(self) -> str:
        """What the records know of the token."""
        return hashlib.sha256(self.token.encode()).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """What it says with each request."""
        return {"authorization": f"Bearer {self.token}"}

    def batch(self, taps: Sequence[TapV1 | object], received_at: int = RECEIVED_AT) -> TapBatch:
        """Return these taps as the store receives them."""
        return TapBatch(self.device_id, self.token_hash, read_batch(batch_body(taps)), received_at)
