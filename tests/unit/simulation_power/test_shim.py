"""The window on the disk: it logs what happened, makes it fail as told, and takes turns by its seed."""

import errno
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulation.power.build import build
from tests.simulation.power.control import Operation
from tests.simulation.power.disk import Disk, DiskModel, Image
from tests.simulation.power.recorder import Recorder
from tests.simulation.power.trace import Op, UnsupportedOperation

PROBE = "tests.simulation.power.probe_workload"
Steps = list[list[Any]]


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """A watched process."""
    with Recorder(build(tmp_path_factory.mktemp("shim"))) as started:
        yield started


def played(recorder: Recorder, *actors: Steps, seed: int = 1, image: Image | None = None) -> list[Op]:
    """Let actors do their steps; return the log without what closes descriptors."""
    return recorder.record(PROBE, seed, image, actors=list(actors))


def seen(ops: list[Op], what: str) -> list[dict[str, Any]]:
    """Return the marks of a kind."""
    return [op.mark for op in ops if op.kind is Operation.MARK and op.mark["what"] == what]


def test_every_operation_is_logged_in_order_with_its_data(recorder: Recorder) -> None:
    ops = played(
        recorder,
        [
            ["write", "a", "one"], ["write", "a", "two"], ["sync", "a"], ["sync", ""], ["truncate", "a", 4],
            ["rename", "a", "b"], ["mkdir", "aside"], ["unlink", "b"],
        ],
    )  # fmt: skip
    done = [(op.kind.name, op.path, op.target, op.offset, op.data) for op in ops if op.kind is not Operation.MARK]
    assert done == [
        ("OPEN", "a", "", 0, b""),
        ("WRITE", "", "", 0, b"one"),
        ("WRITE", "", "", 3, b"two"),
        ("SYNC", "", "", 0, b""),
        ("OPEN", "", "", 0, b""),
        ("SYNC", "", "", 0, b""),
        ("TRUNCATE", "", "", 4, b""),
        ("RENAME", "a", "b", 0, b""),
        ("MKDIR", "aside", "", 0, b""),
        ("UNLINK", "b", "", 0, b""),
    ]


def test_following_the_log_gives_the_files_that_are_really_there(recorder: Recorder) -> None:
    before = Image({"old": b"content", "gone": b"x"})
    steps: Steps = [["write", "old", "!"], ["write", "new", "n" * 5_000], ["unlink", "gone"], ["mkdir", "aside"]]
    steps += [["rename", "new", "aside/new"], ["truncate", "old", 2], ["write", "old", "?"]]
    ops = played(recorder, steps, [["write", "other", "o"]], image=before)
    disk = Disk(before, DiskModel(), 0)
    for op in ops:
        disk.apply(op)
    assert disk.now() == Image.read(recorder.folder / "work")


@pytest.mark.parametrize(
    ("rule", "refused", "content"),
    [
        (["FAIL", "WRITE", "a", 1, 1, errno.EIO], [errno.EIO], b"13"),
        (["FAIL", "WRITE", "a", 0, -1, errno.EROFS], [errno.EROFS] * 3, b""),
        (["FAIL", "WRITE", "b", 0, -1, errno.EIO], [], b"123"),
        (["FAIL_AFTER", "WRITE", "a", 1, 1, errno.EIO], [errno.EIO], b"123"),
        (["FAIL", "CREATE", "a", 0, 1, errno.ENOSPC], [errno.ENOSPC], b"23"),
    ],
)
def test_a_rule_makes_its_operations_fail_and_no_other(
    recorder: Recorder, rule: list[Any], refused: list[int], content: bytes
) -> None:
    ops = played(recorder, [["rule", *rule], ["write", "a", "1"], ["write", "a", "2"], ["write", "a", "3"]])
    assert [mark["errno"] for mark in seen(ops, "refused")] == refused
    assert (recorder.folder / "work" / "a").read_bytes() == content


def test_a_short_write_writes_half(recorder: Recorder) -> None:
    ops = played(recorder, [["rule", "SHORT", "WRITE", "", 0, 1, errno.ENOSPC], ["write", "a", "12345678"]])
    assert seen(ops, "written") == [{"what": "written", "bytes": 4}]
    assert (recorder.folder / "work" / "a").read_bytes() == b"1234"


def test_a_healed_disk_refuses_nothing_more(recorder: Recorder) -> None:
    rule = ["rule", "FAIL", "SYNC", "", 0, -1, errno.EIO]
    ops = played(recorder, [["write", "a", "1"], rule, ["sync", "a"], ["heal"], ["sync", "a"]])
    assert len(seen(ops, "refused")) == 1
    assert [op.error for op in ops if op.kind is Operation.SYNC] == [errno.EIO, 0]


@pytest.mark.parametrize(("action", "content"), [("KILL", b""), ("KILL_AFTER", b"12"), ("KILL_SHORT", b"1")])
def test_a_kill_ends_the_actor_there_and_the_others_go_on(recorder: Recorder, action: str, content: bytes) -> None:
    doomed: Steps = [["rule", action, "WRITE", "a", 0, 1, 0], ["write", "a", "12"], ["mark", "survived"]]
    ops = played(recorder, doomed, [["write", "b", "x"], ["mark", "other"]])
    assert seen(ops, "survived") == []
    assert len(seen(ops, "other")) == 1
    assert (recorder.folder / "work" / "a").read_bytes() == content


def test_a_call_the_model_does_not_know_is_an_error(recorder: Recorder) -> None:
    with pytest.raises(UnsupportedOperation, match="dup a"):
        played(recorder, [["dup", "a"]])


def test_the_same_seed_gives_the_same_order_and_others_give_others(recorder: Recorder) -> None:
    busy: list[Steps] = [[["write", f"f{actor}", "x"]] * 12 for actor in range(3)]
    orders = [[op.actor for op in played(recorder, *busy, seed=seed)] for seed in (1, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) == 3


def test_sleep_is_virtual_and_lets_the_others_work(recorder: Recorder) -> None:
    ops = played(recorder, [["sleep", 3_000.0]], [["write", "a", "x"]])
    [slept] = seen(ops, "slept")
    assert 3_000 <= slept["seconds"] < 3_001
    order = [op.mark["what"] for op in ops if op.kind is Operation.MARK]
    assert order == ["written", "slept"]


def test_what_an_actor_fails_at_is_told(recorder: Recorder) -> None:
    ops = played(recorder, [["no_such_step"]])
    assert "AttributeError" in seen(ops, "error")[0]["text"]
