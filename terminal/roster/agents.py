"""Agents' personal codes, checked without network: PBKDF2-SHA256, one hash each, `pbkdf2_sha256$n$salt$hash`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from domain.wire.v1 import AgentV1

SCHEME = "pbkdf2_sha256"
# A roster could ask for an absurd number of rounds and freeze the terminal.
ITERATIONS_MAX = 5_000_000


def verify_code(code_hash: str, code: str) -> bool:
    """Say whether a code is the one behind a hash; a hash of another form fits no code."""
    try:
        scheme, iterations, salt, expected = code_hash.split("$")
        rounds, salt_bytes, digest = int(iterations), bytes.fromhex(salt), bytes.fromhex(expected)
    except ValueError:
        return False
    if scheme != SCHEME or not 0 < rounds <= ITERATIONS_MAX:
        return False
    return hmac.compare_digest(hashlib.pbkdf2_hmac("sha256", code.encode(), salt_bytes, rounds), digest)


def find_agent(agents: Iterable[AgentV1], code: str) -> str | None:
    """Return the `agent_ref` whose code this is, None when it is nobody's. Slow on purpose: call it in a thread."""
    return next((agent.agent_ref for agent in agents if verify_code(agent.code_hash, code)), None)
