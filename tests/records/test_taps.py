"""Keeping taps: once for ever, each answered alone, whatever order and however often they come."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from domain.evidence import MICROS_PER_DAY
from domain.taps import TapKind
from domain.wire.v1 import ClockV1, TapStatus
from records.actors import SETUP
from records.database import Records
from records.models import DeviceStatus, Tap, TapQuarantine
from records.operations.devices import enrol_device, renew_device_code, revoke_device
from records.operations.taps import TapStore, TokenWithdrawn
from tests.factories.ingest import HandClock, Terminal
from tests.factories.people import a_terminal
from tests.factories.wire import OCCURRED_AT, SECOND, identity, make_tap, make_taps, tap_fields

STORED, DUPLICATE, QUARANTINED = TapStatus.STORED, TapStatus.DUPLICATE, TapStatus.QUARANTINED


@pytest.fixture
def terminal(town: Records) -> Terminal:
    """A terminal of the school."""
    return a_terminal(town)


@pytest.fixture
def store(town: Records) -> TapStore:
    """The store under test."""
    return TapStore(town)


def kept(records: Records) -> list[Tap]:
    """Return every tap row, oldest first."""
    with records.read() as session:
        return list(session.scalars(select(Tap).order_by(Tap.id)))


def quarantined(records: Records) -> list[TapQuarantine]:
    """Return every quarantine row, oldest first."""
    with records.read() as session:
        return list(session.scalars(select(TapQuarantine).order_by(TapQuarantine.id)))


def statuses(answer: object) -> list[TapStatus]:
    """Return the statuses of an answer, in order."""
    return [each.status for each in answer.answers]  # type: ignore[attr-defined]


def test_taps_are_kept_as_claimed(store: TapStore, town: Records, terminal: Terminal) -> None:
    tap = make_tap(
        1, kind=TapKind.ROLL_CALL, badge_uid=None, child_ref="c-1", service_ref="cantine", class_ref="ce1",
        direction="arrival", agent_ref="agent-7", clock_offset_ms=-250, clock_offset_age_ms=5,
    )  # fmt: skip
    store.keep(terminal.batch([tap], received_at=tap.occurred_at + 7))
    (row,) = kept(town)
    claimed = {name: getattr(row, name) for name in tap_fields(tap)}
    assert claimed == tap_fields(tap)
    assert (row.device_id, row.received_at, row.payload_hash) == (
        terminal.device_id,
        tap.occurred_at + 7,
        tap.payload_hash(),
    )
    assert row.occurred_at_corrected == tap.occurred_at - 250_000
    assert row.time_confidence == "synced"


def test_same_tap_sent_twice_is_one_row(store: TapStore, town: Records, terminal: Terminal) -> None:
    taps = make_taps(5)
    assert statuses(store.keep(terminal.batch(taps))) == [STORED] * 5
    assert statuses(store.keep(terminal.batch(taps))) == [DUPLICATE] * 5
    assert [row.seq for row in kept(town)] == [1, 2, 3, 4, 5]


def test_same_tap_twice_in_one_batch_is_one_row(store: TapStore, town: Records, terminal: Terminal) -> None:
    tap = make_tap(1)
    assert statuses(store.keep(terminal.batch([tap, tap]))) == [STORED, DUPLICATE]
    assert len(kept(town)) == 1


def test_same_tap_in_two_batches_of_one_transaction_is_one_row(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    tap = make_tap(1)
    outcomes = store.keep_all([terminal.batch([tap]), terminal.batch([tap])])
    assert [statuses(outcome) for outcome in outcomes] == [[STORED], [DUPLICATE]]
    assert len(kept(town)) == 1


def test_resend_is_recognised_by_a_server_that_has_just_started(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    taps = make_taps(3)
    store.keep(terminal.batch(taps))
    assert statuses(TapStore(town).keep(terminal.batch(taps))) == [DUPLICATE] * 3


def test_resend_reaching_the_same_tap_under_another_device_is_a_duplicate(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    taps = make_taps(3)
    store.keep(terminal.batch(taps[:2]))
    answer = store.keep(a_terminal(town, "borne-2").batch(taps))
    assert statuses(answer) == [DUPLICATE, DUPLICATE, STORED]
    assert answer.acked_through == {taps[0].epoch: 3}


def test_same_identity_with_other_content_is_quarantined_and_overwrites_nothing(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    tap = make_tap(1)
    store.keep(terminal.batch([tap]))
    forged = tap.model_copy(update={"badge_uid": "04FFFFFF"})
    answer = store.keep(terminal.batch([forged]))
    assert [(each.status, each.reason) for each in answer.answers] == [(QUARANTINED, "content_conflict")]
    assert [row.badge_uid for row in kept(town)] == [tap.badge_uid]
    (row,) = quarantined(town)
    assert row.content == forged.model_dump_json(exclude_none=True).encode()
    assert row.reason == "content_conflict"


def test_same_epoch_and_seq_under_another_identity_is_a_conflict(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    tap = make_tap(1)
    store.keep(terminal.batch([tap]))
    twin = tap.model_copy(update={"tap_id": identity("twin")})
    assert statuses(store.keep(terminal.batch([twin]))) == [QUARANTINED]
    assert len(kept(town)) == 1


def test_identity_reused_later_in_another_epoch_is_a_conflict(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    tap, later = make_tap(1), make_tap(9)
    store.keep(terminal.batch([tap]))
    thief = later.model_copy(update={"tap_id": tap.tap_id})
    assert statuses(store.keep(terminal.batch([make_tap(2, tap.epoch), thief]))) == [STORED, QUARANTINED]
    assert [row.seq for row in kept(town)] == [1, 2]


def test_two_contents_of_one_identity_in_one_batch_keep_the_first(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    tap = make_tap(1)
    forged = tap.model_copy(update={"mono_ms": 77})
    assert statuses(store.keep(terminal.batch([tap, forged]))) == [STORED, QUARANTINED]
    assert [row.mono_ms for row in kept(town)] == [tap.mono_ms]


def test_conflict_sent_again_is_one_quarantine_row(store: TapStore, town: Records, terminal: Terminal) -> None:
    tap = make_tap(1)
    forged = tap.model_copy(update={"mono_ms": 77})
    for _ in range(3):
        store.keep(terminal.batch([tap, forged]))
    assert len(quarantined(town)) == 1


def test_malformed_tap_is_quarantined_and_its_neighbours_stored(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    good = make_taps(2)
    answer = store.keep(terminal.batch([good[0], {"tap_id": "?"}, good[1]]))
    assert [(each.index, each.status, each.reason) for each in answer.answers] == [
        (0, STORED, None),
        (1, QUARANTINED, "malformed_tap"),
        (2, STORED, None),
    ]
    (row,) = quarantined(town)
    assert (row.content, row.reason, row.device_id) == (b'{"tap_id": "?"}', "malformed_tap", terminal.device_id)


def test_malformed_tap_with_nul_characters_is_kept_on_both_engines(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    tap = tap_fields(make_tap(1)) | {"a\x00b": "\x00"}
    assert statuses(store.keep(terminal.batch([tap]))) == [QUARANTINED]
    assert b"\\u0000" in quarantined(town)[0].content


def test_revoked_terminal_may_still_send_and_its_taps_are_flagged(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    before, after = make_taps(2)
    store.keep(terminal.batch([before]))
    revoke_device(town, SETUP, terminal.device_ref)
    assert statuses(store.keep(terminal.batch([after]))) == [STORED]
    assert ["revoked_device" in row.flags for row in kept(town)] == [False, True]


def test_token_replaced_while_a_request_was_under_way_keeps_nothing(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    store.keep(terminal.batch([make_tap(1)]))
    enrol_device(town, renew_device_code(town, SETUP, terminal.device_ref))
    with pytest.raises(TokenWithdrawn):
        store.keep(terminal.batch([make_tap(1)]))
    assert len(kept(town)) == 1


def test_withdrawn_token_does_not_fail_the_others_of_its_transaction(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    other = a_terminal(town, "borne-2")
    enrol_device(town, renew_device_code(town, SETUP, terminal.device_ref))
    refused, kept_one = store.keep_all([terminal.batch([make_tap(1)]), other.batch([make_tap(1)])])
    assert isinstance(refused, TokenWithdrawn)
    assert statuses(kept_one) == [STORED]


def test_flags_say_what_the_records_do_not_know(store: TapStore, town: Records, terminal: Terminal) -> None:
    badge = make_tap(1, epoch="a" * 32, service_ref="inconnu")
    roll = make_tap(2, epoch="a" * 32, badge_uid=None, kind="roll_call", child_ref="nobody", service_ref="cantine")
    name = make_tap(3, epoch="a" * 32, badge_uid=None, kind="roll_call", typed_name="Léa, en CE1")
    undo = make_tap(4, epoch="a" * 32, badge_uid=None, kind="undo", undoes="0" * 32)
    store.keep(terminal.batch([badge, roll, name, undo]))
    assert [row.flags for row in kept(town)] == ["unknown_badge,unknown_service", "unknown_child", "", ""]


def test_impossible_time_is_flagged_and_the_claim_kept(store: TapStore, town: Records, terminal: Terminal) -> None:
    tap = make_tap(1, occurred_at=60_000_000, clock_offset_ms=None, clock_offset_age_ms=None, badge_uid="00AA00AA")
    batch = terminal.batch([tap])
    store.keep(batch)
    (row,) = kept(town)
    assert (row.occurred_at, row.occurred_at_corrected) == (60_000_000, batch.received_at)
    assert (row.time_confidence, row.flags) == ("doubtful", "doubtful_time,unknown_badge")


def test_tap_of_a_stopped_clock_is_dated_by_its_boot_and_the_claim_kept(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    stopped = OCCURRED_AT - 3 * MICROS_PER_DAY
    tap = make_tap(1, occurred_at=stopped, mono_ms=1_000, clock_offset_ms=0, clock_offset_age_ms=None)
    met = ClockV1(boot_id=tap.boot_id, mono_ms=61_000, server_time=OCCURRED_AT)
    store.keep(replace(terminal.batch([tap]), clocks=(met,)))
    (row,) = kept(town)
    assert (row.occurred_at, row.occurred_at_corrected) == (stopped, OCCURRED_AT - 60 * SECOND)
    assert row.time_confidence == "synced"
    assert "doubtful_time" not in row.flags


def test_meeting_of_another_boot_dates_nothing(store: TapStore, town: Records, terminal: Terminal) -> None:
    tap = make_tap(1, clock_offset_ms=None, clock_offset_age_ms=None)
    met = ClockV1(boot_id="another-boot", mono_ms=61_000, server_time=OCCURRED_AT)
    store.keep(replace(terminal.batch([tap]), clocks=(met,)))
    (row,) = kept(town)
    assert (row.occurred_at_corrected, row.time_confidence) == (tap.occurred_at, "doubtful")
    assert "doubtful_time" in row.flags


def test_poison_that_the_database_refuses_is_quarantined_alone(town: Records, terminal: Terminal) -> None:
    good = make_taps(2)
    poison = make_tap(3, good[0].epoch, boot_id="poison")
    with refused_boot(town, "poison"):
        answer = TapStore(town).keep(terminal.batch([*good, poison]))
    assert [(each.status, each.reason) for each in answer.answers] == [
        (STORED, None),
        (STORED, None),
        (QUARANTINED, "storage_refused"),
    ]
    assert answer.acked_through == {poison.epoch: 2}
    assert [row.content for row in quarantined(town)] == [poison.model_dump_json(exclude_none=True).encode()]


def test_poison_does_not_fail_the_other_batches_of_its_transaction(town: Records, terminal: Terminal) -> None:
    neighbour = terminal.batch(make_taps(2))
    with refused_boot(town, "poison"):
        poisoned, fine = TapStore(town).keep_all([terminal.batch([make_tap(1, boot_id="poison")]), neighbour])
    assert statuses(poisoned) == [QUARANTINED]
    assert statuses(fine) == [STORED, STORED]


@contextmanager
def refused_boot(records: Records, boot_id: str) -> Iterator[None]:
    """Make the database itself refuse taps of one boot, as a fault nobody thought of would."""
    if records.is_postgresql:
        make = f"alter table tap add constraint no_poison check (boot_id <> '{boot_id}')"
        undo = "alter table tap drop constraint no_poison"
    else:
        refusal = f"when new.boot_id = '{boot_id}' begin select raise(abort, 'poison'); end"
        make = f"create trigger no_poison before insert on tap {refusal}"
        undo = "drop trigger no_poison"
    with records.engine.begin() as connection:
        connection.execute(text(make))
    yield
    with records.engine.begin() as connection:
        connection.execute(text(undo))


def test_taps_move_the_watermark_of_the_records(store: TapStore, town: Records, terminal: Terminal) -> None:
    before = town.change_seq()
    store.keep_all([terminal.batch([make_tap(1)]), terminal.batch([make_tap(1)])])
    assert town.change_seq() == before + 1


def test_device_status_says_when_it_was_seen_and_how_far_off_its_clock_is(
    store: TapStore, town: Records, terminal: Terminal
) -> None:
    store.keep(terminal.batch([make_tap(1, clock_offset_ms=-1_250)], received_at=5_000_000_000))
    with town.read() as session:
        status = session.get_one(DeviceStatus, terminal.device_id)
    assert (status.last_seen_at, status.clock_offset_ms) == (5_000_000_000, -1_250)


def test_clock_of_the_server_is_in_the_answer(store: TapStore, clock: HandClock, terminal: Terminal) -> None:
    assert store.keep(terminal.batch([make_tap(1)], received_at=clock.now)).server_time == clock.now
