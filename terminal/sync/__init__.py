"""Sending taps and fetching the roster: one process a terminal, which shares only the outbox with the screens."""

from terminal.sync.client import ServerClient, new_http_client
from terminal.sync.engine import SyncChance, SyncEngine, SyncPace, SyncPlace
from terminal.sync.identity import Identity, IdentityStore

__all__ = [
    "Identity",
    "IdentityStore",
    "ServerClient",
    "SyncChance",
    "SyncEngine",
    "SyncPace",
    "SyncPlace",
    "new_http_client",
]
