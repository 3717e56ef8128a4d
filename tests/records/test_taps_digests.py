"""What the records say of the contents of an epoch: one digest of all that is kept (docs/adr/0007)."""

from collections.abc import Sequence

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from domain.wire.v1 import TapV1
from records.database import Records
from records.migrations.versions import r0013_epoch_digests
from records.operations.contacts import device_state
from records.operations.devices import authenticate_device
from records.operations.taps import TapStore
from tests.factories.ingest import HandClock, Terminal
from tests.factories.people import a_terminal
from tests.factories.wire import make_tap, make_taps


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school."""
    return a_terminal(town)


def obvious_digest(taps: Sequence[TapV1]) -> str:
    """The digest of some contents, bit by bit: a bit is set when an odd number of the hashes have it."""
    hashes = [int(tap.payload_hash()[:32], 16) for tap in taps]
    bits = [str(sum(one >> place & 1 for one in hashes) % 2) for place in reversed(range(128))]
    return f"{int(''.join(bits), 2):032x}"


def told_digests(records: Records, terminal: Terminal, now: int) -> dict[str, str | None]:
    """Return what the terminal is told of each of its epochs."""
    device = authenticate_device(records, terminal.token)
    assert device is not None
    return {one.epoch: one.digest for one in device_state(records, device, now).epochs}


def test_digest_is_that_of_all_that_is_kept_whatever_the_order(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    taps, store = make_taps(6), TapStore(town)
    for batch in (taps[3:5], taps[:2], taps[1:4], taps[5:]):  # some come twice
        store.keep(store.draft(terminal.batch(batch, received_at=clock.now)))
    assert told_digests(town, terminal, clock.now) == {taps[0].epoch: obvious_digest(taps)}


def test_digest_goes_on_after_the_server_was_started_again(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    taps = make_taps(4)
    for start in (0, 2):
        TapStore(town).keep(terminal.batch(taps[start : start + 2], received_at=clock.now))
    assert told_digests(town, terminal, clock.now) == {taps[0].epoch: obvious_digest(taps)}


def test_a_content_kept_apart_is_not_in_the_digest(town: Records, terminal: Terminal, clock: HandClock) -> None:
    taps, store = make_taps(2), TapStore(town)
    store.keep(terminal.batch(taps, received_at=clock.now))
    other = make_tap(2, taps[0].epoch, badge_uid="04FFFFFF")
    store.keep(terminal.batch([other], received_at=clock.now))
    assert told_digests(town, terminal, clock.now) == {taps[0].epoch: obvious_digest(taps)}


def test_a_terminal_enrolled_as_another_device_is_told_of_all_that_it_sent(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    taps, store = make_taps(5), TapStore(town)
    store.keep(terminal.batch(taps[:3], received_at=clock.now))
    again = a_terminal(town, "borne-2")
    store.keep(again.batch(taps[3:], received_at=clock.now))
    assert told_digests(town, again, clock.now) == {taps[0].epoch: obvious_digest(taps)}


def test_an_epoch_of_unknown_contents_stays_so(town: Records, terminal: Terminal, clock: HandClock) -> None:
    taps = make_taps(3)
    TapStore(town).keep(terminal.batch(taps[:2], received_at=clock.now))
    with town.engine.begin() as connection:
        connection.execute(text("update device_epoch set digest = null"))
    TapStore(town).keep(terminal.batch(taps[2:], received_at=clock.now))
    assert told_digests(town, terminal, clock.now) == {taps[0].epoch: None}


def test_upgrading_makes_the_digests_of_the_taps_that_are_there(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    first, second = make_taps(3), make_taps(2)
    TapStore(town).keep(terminal.batch([*first, *second], received_at=clock.now))
    with town.engine.begin() as connection:
        connection.execute(text("drop index ix_device_epoch_epoch"))
        connection.execute(text("alter table device_epoch drop column digest"))
        with Operations.context(MigrationContext.configure(connection)):
            r0013_epoch_digests.upgrade()  # that step alone: what came after it stands already
    assert told_digests(town, terminal, clock.now) == {
        first[0].epoch: obvious_digest(first),
        second[0].epoch: obvious_digest(second),
    }
