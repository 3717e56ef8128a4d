"""What is decided of a batch before its transaction: the same rows and answers, or nothing."""

import pytest
from sqlalchemy import select

from domain.wire.v1 import TapStatus
from records.actors import SETUP
from records.database import Records
from records.models import Tap
from records.operations.devices import enrol_device, renew_device_code, revoke_device
from records.operations.taps import TapStore, TokenWithdrawn
from tests.factories.ingest import Terminal
from tests.factories.people import a_terminal
from tests.factories.wire import make_tap, make_taps


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school."""
    return a_terminal(town)


@pytest.fixture
def store(town: Records) -> TapStore:
    """The store under test."""
    return TapStore(town)


def kept(records: Records, epoch: str) -> list[Tap]:
    """Return the tap rows of an epoch, in order."""
    with records.read() as session:
        return list(session.scalars(select(Tap).where(Tap.epoch == epoch).order_by(Tap.seq)))


def says(row: Tap) -> dict[str, object]:
    """Return what a tap row says, whatever its place, its number and its identity."""
    mine = {"id", "tap_id", "seq", "mono_ms", "occurred_at", "occurred_at_corrected", "payload_hash"}
    return {column.name: getattr(row, column.name) for column in Tap.__table__.columns if column.name not in mine}


def test_drafted_batch_is_kept_as_one_that_was_not(store: TapStore, town: Records, terminal: Terminal) -> None:
    first, *taps = make_taps(4)
    store.keep(terminal.batch([first]))
    drafted = store.draft(terminal.batch(taps))
    assert drafted.draft is not None
    answer = store.keep(drafted)
    undrafted, *rows = kept(town, first.epoch)
    assert [says(row) for row in rows] == [says(undrafted)] * 3
    assert [(row.tap_id, row.occurred_at, row.payload_hash) for row in rows] == [
        (tap.tap_id, tap.occurred_at, tap.payload_hash()) for tap in taps
    ]
    assert [each.status for each in answer.answers] == [TapStatus.STORED] * 3
    assert answer.acked_through == {first.epoch: 4}


def test_first_taps_of_an_epoch_are_not_drafted(store: TapStore, terminal: Terminal) -> None:
    store.keep(terminal.batch(make_taps(1)))
    assert store.draft(terminal.batch(make_taps(2))).draft is None


def test_resend_is_not_drafted(store: TapStore, terminal: Terminal) -> None:
    taps = make_taps(3)
    store.keep(terminal.batch(taps[:2]))
    assert store.draft(terminal.batch(taps)).draft is None


def test_taps_out_of_order_are_not_drafted(store: TapStore, terminal: Terminal) -> None:
    one, two, three = make_taps(3)
    store.keep(terminal.batch([one]))
    assert store.draft(terminal.batch([three, two])).draft is None


def test_batch_with_an_unreadable_tap_is_not_drafted(store: TapStore, terminal: Terminal) -> None:
    one, two = make_taps(2)
    store.keep(terminal.batch([one]))
    assert store.draft(terminal.batch([two, {"tap_id": "?"}])).draft is None


def test_badge_not_met_yet_is_not_drafted(store: TapStore, terminal: Terminal) -> None:
    one = make_tap(1)
    store.keep(terminal.batch([one]))
    assert store.draft(terminal.batch([make_tap(2, one.epoch, badge_uid="00AA00AA")])).draft is None


def test_draft_before_a_revocation_is_void_and_the_tap_is_flagged(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    before, after = make_taps(2)
    store.keep(terminal.batch([before]))
    drafted = store.draft(terminal.batch([after]))
    revoke_device(town, SETUP, terminal.device_ref)
    store.keep(drafted)
    assert ["revoked_device" in row.flags for row in kept(town, before.epoch)] == [False, True]


def test_draft_before_a_new_enrolment_keeps_nothing(store: TapStore, town: Records, terminal: Terminal) -> None:
    before, after = make_taps(2)
    store.keep(terminal.batch([before]))
    drafted = store.draft(terminal.batch([after]))
    enrol_device(town, renew_device_code(town, SETUP, terminal.device_ref))
    with pytest.raises(TokenWithdrawn):
        store.keep(drafted)
    assert len(kept(town, before.epoch)) == 1


def test_taps_drafted_by_two_servers_are_one_row_each(town: Records, terminal: Terminal) -> None:
    one, *later = make_taps(4)
    stores = [TapStore(town), TapStore(town)]
    for store in stores:
        store.keep(terminal.batch([one]))
    drafts = [store.draft(terminal.batch(later)) for store in stores]
    answers = [store.keep(draft) for store, draft in zip(stores, drafts, strict=True)]
    assert [{each.status for each in answer.answers} for answer in answers] == [
        {TapStatus.STORED},
        {TapStatus.DUPLICATE},
    ]
    assert len(kept(town, one.epoch)) == 4


def test_drafted_identity_that_is_taken_in_another_epoch_is_a_conflict(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    one, other = make_tap(1), make_tap(1)
    store.keep(terminal.batch([one, other]))
    thief = make_tap(2, other.epoch).model_copy(update={"tap_id": one.tap_id})
    drafted = store.draft(terminal.batch([thief]))
    assert drafted.draft is not None
    assert [each.status for each in store.keep(drafted).answers] == [TapStatus.QUARANTINED]
    assert len(kept(town, other.epoch)) == 1


def test_draft_outlives_no_failed_transaction(store: TapStore, town: Records, terminal: Terminal) -> None:
    taps = make_taps(3)
    store.keep(terminal.batch(taps[:1]))
    lost, drafted = store.draft(terminal.batch(taps[1:2])), store.draft(terminal.batch(taps[2:]))
    assert lost.draft is not None
    assert drafted.draft is not None
    revoke_device(town, SETUP, a_terminal(town, "borne-2").device_ref)  # the first is never sent: all is read anew
    assert store.keep(drafted).acked_through == {taps[0].epoch: 1}


def test_more_taps_than_one_statement_takes_are_all_kept(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    taps = make_taps(1_333)
    store.keep_all([terminal.batch(taps[start : start + 200]) for start in range(0, len(taps), 200)])
    assert [row.seq for row in kept(town, taps[0].epoch)] == list(range(1, 1_334))
