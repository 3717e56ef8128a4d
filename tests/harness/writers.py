"""Processes of their own that write to the same records, forked from one that has imported what they need."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext

# Importing them takes each process longer than its work in a test.
_IMPORTED = ["records.migrations", "tests.factories.billing", "tests.factories.writers"]


def processes() -> ForkServerContext:
    """Return how to start them: each holds nothing of this process, no connection, no lock."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context
