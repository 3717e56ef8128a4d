"""A terminal compares the contents that the server keeps under its numbers with its own (docs/adr/0007)."""

from __future__ import annotations

import httpx
import pytest

from domain.wire.v1 import TapV1
from tests.unit.terminal.fake_server import FakeServer, raises
from tests.unit.terminal.sync_bench import TAPS, Terminal

AT_ONCE, A_FEW_STATES = 5, 400


def put_copys_taps(server: FakeServer, taps: list[TapV1]) -> None:
    """Let the server hold, under these identities, what a copy of the terminal made."""
    for tap in taps:
        said = tap.model_dump(mode="json", exclude_none=True)
        server.taps[tap.tap_id] = said | {"occurred_at": said["occurred_at"] + 1}


def sent_ids(terminal: Terminal) -> list[str]:
    """Return every tap id that travelled, resends included."""
    return [tap_id for batch in terminal.server.batches for tap_id in batch]


@pytest.mark.parametrize("copied", [slice(0, 3), slice(1, 2)])
def test_what_a_copy_put_in_the_place_of_ours_is_offered_again_and_kept_apart(
    terminal: Terminal, copied: slice
) -> None:
    taps = terminal.keep(3)
    terminal.run(AT_ONCE)
    terminal.server.forget({tap.tap_id for tap in taps[copied]})
    put_copys_taps(terminal.server, taps[copied])
    terminal.run(A_FEW_STATES)
    assert set(terminal.server.apart) == {tap.tap_id for tap in taps[copied]}


def test_contents_that_never_agree_are_offered_once(terminal: Terminal) -> None:
    taps = terminal.keep(3)
    terminal.run(AT_ONCE)
    put_copys_taps(terminal.server, taps[:2])
    terminal.run(A_FEW_STATES)
    offered = len(sent_ids(terminal))
    terminal.run(A_FEW_STATES)
    assert len(sent_ids(terminal)) == offered == 6


def test_an_older_server_that_tells_no_contents_is_offered_nothing_more(terminal: Terminal) -> None:
    terminal.server.tells_digests = False
    taps = terminal.keep(3)
    terminal.run(AT_ONCE)
    put_copys_taps(terminal.server, taps)
    terminal.run(A_FEW_STATES)
    assert len(sent_ids(terminal)) == 3


def test_a_backup_that_ends_early_is_offered_no_more_than_what_it_lacks(terminal: Terminal) -> None:
    taps = terminal.keep(10)
    terminal.run(AT_ONCE)
    terminal.server.forget({tap.tap_id for tap in taps[6:]})
    terminal.run(A_FEW_STATES)
    assert sent_ids(terminal)[10:] == [tap.tap_id for tap in taps[6:]]


def test_a_batch_whose_answer_was_lost_is_no_reason_to_offer_the_rest_again(terminal: Terminal) -> None:
    first = terminal.keep(3)
    terminal.run(AT_ONCE)
    second = terminal.keep(2)
    for tap in second:  # arrived, and nobody told us
        terminal.server.taps[tap.tap_id] = tap.model_dump(mode="json", exclude_none=True)
    terminal.server.fail(TAPS, *[raises(httpx.ReadTimeout)] * 8)
    terminal.run(A_FEW_STATES)
    assert sent_ids(terminal) == [tap.tap_id for tap in (*first, *second)]


def test_contents_are_still_compared_after_taps_went_again(terminal: Terminal) -> None:
    taps = terminal.keep(6)
    terminal.run(AT_ONCE)
    terminal.server.forget({tap.tap_id for tap in taps[4:]})
    terminal.run(A_FEW_STATES)
    offered = len(sent_ids(terminal))
    terminal.run(A_FEW_STATES)
    assert len(sent_ids(terminal)) == offered
    terminal.server.forget({taps[0].tap_id})
    put_copys_taps(terminal.server, taps[:1])
    terminal.run(A_FEW_STATES)
    assert set(terminal.server.apart) == {taps[0].tap_id}
