"""Being told to stop by a signal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.supervision.stopping import STOPS, interruptible, stop_on


def test_a_signal_that_comes_while_the_stop_is_waited_for_is_heard() -> None:
    """Inside `wait` the event's lock is held for a moment: a handler that wanted it would wait for ever."""
    asked = threading.Event()
    former = signal.getsignal(signal.SIGUSR2)
    try:
        stop_on((signal.SIGUSR2,), asked)
        with asked._cond:  # type: ignore[attr-defined]  # what `wait` holds
            signal.raise_signal(signal.SIGUSR2)
        assert asked.wait(5)
    finally:
        signal.signal(signal.SIGUSR2, former)


def test_a_stop_that_comes_inside_a_finaliser_is_raised_at_the_next_check() -> None:
    class Finalised:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    def work() -> None:
        with interruptible() as check:
            Finalised()
            check()
            worked_on.append(True)

    worked_on: list[bool] = []
    with _dropped() as dropped, pytest.raises(KeyboardInterrupt):
        work()
    assert dropped == [KeyboardInterrupt]
    assert worked_on == []


def test_a_stop_that_was_dropped_is_raised_at_the_end_of_the_work() -> None:
    class Finalised:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    with _dropped(), pytest.raises(KeyboardInterrupt), interruptible():
        Finalised()


@pytest.mark.parametrize("number", STOPS)
def test_former_handlers_are_back_after_the_work(number: signal.Signals) -> None:
    former = signal.getsignal(number)
    with interruptible():
        assert signal.getsignal(number) is not former
    assert signal.getsignal(number) is former


@contextmanager
def _dropped() -> Iterator[list[type[BaseException]]]:
    """Yield what Python drops, which a test run would else tell as a warning."""
    found: list[type[BaseException]] = []
    former = sys.unraisablehook
    sys.unraisablehook = lambda told: found.append(told.exc_type)
    try:
        yield found
    finally:
        sys.unraisablehook = former
