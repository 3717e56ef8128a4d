"""Group commit: who waits for whom, who fails with whom, and what happens when the server stops."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from domain.wire.v1 import BatchAnswerV1
from ingest_api.group_commit import GroupCommit, GroupLimits
from ingest_api.refusals import Refusal
from records.operations.tap_rows import TapBatch
from records.operations.taps import Outcome
from tests.factories.ingest import Terminal
from tests.factories.wire import make_taps

TERMINAL = Terminal(1, "borne-1", "token")


def a_batch(taps: int = 1) -> TapBatch:
    """Return a batch of that many taps."""
    return TERMINAL.batch(make_taps(taps))


class SlowStore:
    """A store that shows the groups it was given and holds each until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[TapBatch]] = []
        self.entered = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)

    def __call__(self, batches: Sequence[TapBatch]) -> list[Outcome]:
        """Keep a group, once let go."""
        self.groups.append(list(batches))
        self.entered.release()
        assert self.let_go.acquire(timeout=10)
        return [acknowledge(batch) for batch in batches]

    @property
    def sizes(self) -> list[int]:
        """How many batches each group held."""
        return [len(group) for group in self.groups]

    async def wait_entered(self) -> None:
        """Wait until the writer is inside with a group."""
        assert await asyncio.to_thread(self.entered.acquire, timeout=10)


def acknowledge(batch: TapBatch) -> BatchAnswerV1:
    """Return an answer that can be told apart: its `server_time` is that of the batch."""
    return BatchAnswerV1(answers=[], acked_through={}, server_time=batch.received_at)


async def submitted(writer: GroupCommit, *batches: TapBatch) -> list[asyncio.Task[BatchAnswerV1]]:
    """Submit batches at once; return their tasks, all of them waiting."""
    tasks = [asyncio.create_task(writer.submit(batch)) for batch in batches]
    await asyncio.sleep(0)
    return tasks


async def test_batches_that_arrive_during_a_commit_share_the_next_one() -> None:
    store = SlowStore()
    writer = GroupCommit(store)
    first = await submitted(writer, a_batch())
    await store.wait_entered()
    later = await submitted(writer, *(a_batch() for _ in range(5)))
    store.let_go.release(2)
    await asyncio.gather(*first, *later)
    assert store.sizes == [1, 5]
    await asyncio.to_thread(writer.close)


async def test_each_request_gets_its_own_answer() -> None:
    writer = GroupCommit(lambda batches: [acknowledge(batch) for batch in batches])
    batches = [TERMINAL.batch(make_taps(1), received_at=number) for number in range(20)]
    answers = await asyncio.gather(*(writer.submit(batch) for batch in batches))
    assert [answer.server_time for answer in answers] == list(range(20))
    await asyncio.to_thread(writer.close)


async def test_group_is_cut_at_its_limit() -> None:
    store = SlowStore()
    writer = GroupCommit(store, GroupLimits(taps_a_transaction_max=4))
    first = await submitted(writer, a_batch())
    await store.wait_entered()
    later = await submitted(writer, a_batch(3), a_batch(3), a_batch(3))
    store.let_go.release(3)
    await asyncio.gather(*first, *later)
    assert store.sizes == [1, 2, 1]
    await asyncio.to_thread(writer.close)


async def test_lone_terminal_never_waits_for_company() -> None:
    writer = GroupCommit(
        lambda batches: [acknowledge(batch) for batch in batches],
        GroupLimits(pause_share=1e9, pause_seconds_max=60),
    )
    async with asyncio.timeout(10):
        answers = [await writer.submit(a_batch()) for _ in range(5)]
    assert len(answers) == 5
    await asyncio.to_thread(writer.close)


async def test_group_that_is_worth_its_commit_is_followed_by_no_pause() -> None:
    store = SlowStore()
    writer = GroupCommit(store, GroupLimits(pause_share=1e9, pause_seconds_max=60, pause_below_taps=2))
    first = await submitted(writer, a_batch())
    await store.wait_entered()
    later = await submitted(writer, a_batch(), a_batch())
    store.let_go.release(3)
    async with asyncio.timeout(10):
        await asyncio.gather(*first, *later)
        assert await writer.submit(a_batch())
    await asyncio.to_thread(writer.close)


async def test_outcome_that_is_an_error_fails_its_own_request_alone() -> None:
    def one_fails(batches: Sequence[TapBatch]) -> list[Outcome]:
        return [Refusal("unknown_device") if batch.received_at == 1 else acknowledge(batch) for batch in batches]

    writer = GroupCommit(one_fails)
    batches = [TERMINAL.batch(make_taps(1), received_at=number) for number in range(3)]
    outcomes = await asyncio.gather(*(writer.submit(batch) for batch in batches), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [BatchAnswerV1, Refusal, BatchAnswerV1]
    await asyncio.to_thread(writer.close)


async def test_writer_survives_a_store_that_raises() -> None:
    faults = [RuntimeError("a bug")]

    def raises_once(batches: Sequence[TapBatch]) -> list[Outcome]:
        if faults:
            raise faults.pop()
        return [acknowledge(batch) for batch in batches]

    writer = GroupCommit(raises_once)
    with pytest.raises(RuntimeError, match="a bug"):
        await writer.submit(a_batch())
    assert await writer.submit(a_batch())
    await asyncio.to_thread(writer.close)


async def test_too_much_waiting_is_refused_until_it_is_written() -> None:
    store = SlowStore()
    writer = GroupCommit(store, GroupLimits(taps_waiting_max=5))
    first = await submitted(writer, a_batch(3))
    await store.wait_entered()
    with pytest.raises(Refusal, match="trop de pointages"):
        await writer.submit(a_batch(3))
    store.let_go.release(2)
    await asyncio.gather(*first)
    assert await writer.submit(a_batch(3))
    await asyncio.to_thread(writer.close)


async def test_client_that_hangs_up_does_not_undo_nor_disturb() -> None:
    store = SlowStore()
    writer = GroupCommit(store)
    (gone,) = await submitted(writer, a_batch())
    await store.wait_entered()
    gone.cancel()
    (stays,) = await submitted(writer, a_batch())
    store.let_go.release(2)
    assert await stays
    assert gone.cancelled()
    assert store.sizes == [1, 1]
    await asyncio.to_thread(writer.close)


async def test_closing_writes_what_waits_and_takes_nothing_more() -> None:
    store = SlowStore()
    writer = GroupCommit(store)
    tasks = await submitted(writer, a_batch())
    await store.wait_entered()
    tasks += await submitted(writer, a_batch(), a_batch())
    closing = asyncio.create_task(asyncio.to_thread(writer.close))
    store.let_go.release(2)
    await closing
    assert len(await asyncio.gather(*tasks)) == 3
    assert store.sizes == [1, 2]
    with pytest.raises(Refusal):
        await writer.submit(a_batch())


async def test_closing_before_the_first_batch_is_possible() -> None:
    writer = GroupCommit(SlowStore())
    await asyncio.to_thread(writer.close)
    with pytest.raises(Refusal):
        await writer.submit(a_batch())


def test_two_event_loops_may_share_one_writer() -> None:
    writer = GroupCommit(lambda batches: [acknowledge(batch) for batch in batches])
    found: list[BatchAnswerV1] = []

    def run() -> None:
        found.extend(asyncio.run(one_answer()))

    async def one_answer() -> list[BatchAnswerV1]:
        return [await writer.submit(a_batch()) for _ in range(20)]

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert len(found) == 40
