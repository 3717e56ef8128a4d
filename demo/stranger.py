"""A tablet that lost its token sends what it kept: the server does not know it, keeps its bytes apart and says so.

One real request, so that « Terminaux » has something true to show. It is no tap: no bill, meal or hour changes.
"""

from __future__ import annotations

import httpx

from demo.network import Cable
from demo.randomness import identities
from demo.terminals import API_ADDRESS, TapsNotSent
from domain.taps import Direction, TapKind
from domain.wire.v1 import BatchV1, TapV1

OLD_TABLET = "ancienne-tablette"


def send_as_stranger(server: httpx.BaseTransport, seed: int, at: int) -> None:
    """Send one roll-call gesture made at `at` (µs UTC) under a token of no terminal; raises TapsNotSent."""
    identity = identities(seed, "taps", OLD_TABLET)
    tap = TapV1(
        tap_id=identity(),
        epoch=identity(),
        seq=1,
        kind=TapKind.ROLL_CALL,
        typed_name="Essai de la tablette",
        direction=Direction.ARRIVAL,
        occurred_at=at,
        mono_ms=60_000,
        boot_id=OLD_TABLET,
    )
    with httpx.Client(transport=Cable(server), base_url=API_ADDRESS) as http:
        body = BatchV1(protocol=1, taps=[tap]).model_dump_json(exclude_none=True)
        answer = http.post("/v1/taps:batch", content=body, headers={"authorization": f"Bearer {OLD_TABLET}"})
    if answer.status_code != httpx.codes.UNAUTHORIZED:
        raise TapsNotSent(f"L'ancienne tablette devait être inconnue ; le serveur a répondu {answer.status_code}.")
