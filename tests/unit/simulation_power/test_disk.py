"""What the model of a disk lets survive, and what it must not touch."""

import pytest

from tests.simulation.power.control import Operation
from tests.simulation.power.disk import DiskModel, Image, disk_model
from tests.unit.simulation_power.builders import (
    FOLDER,
    HARSH,
    ORDERED,
    OTHER,
    disk,
    op,
    opened,
    states,
    synced,
    written,
)

BOTH = pytest.mark.parametrize("model", [ORDERED, HARSH], ids=lambda model: model.name)
OLD = Image({"a": b"old"})
AT_FOLDER = opened("", FOLDER, flags=0)


@BOTH
def test_what_was_synced_with_its_name_is_certain(model: DiskModel) -> None:
    made = disk(model, opened("a"), written(b"new"), synced(), AT_FOLDER, synced(FOLDER))
    assert states(made) == {(("a", b"new"),)}


@BOTH
def test_a_write_that_was_not_synced_may_be_there_or_not(model: DiskModel) -> None:
    made = disk(model, opened("a"), written(b"new"), image=OLD)
    assert states(made) == {(("a", b"old"),), (("a", b"new"),)}


@BOTH
def test_later_writes_may_survive_earlier_ones(model: DiskModel) -> None:
    made = disk(model, opened("a"), written(b"1", 0), written(b"2", 1), image=Image({"a": b"--"}))
    assert {content for ((_, content),) in states(made)} == {b"--", b"1-", b"-2", b"12"}


@BOTH
def test_a_large_write_is_torn_at_sectors_of_the_file_alone(model: DiskModel) -> None:
    old, new = b"-" * 1_536, b"#" * 1_024
    made = disk(model, opened("a"), written(new, 256), image=Image({"a": old}))
    parts = ((0, 256), (256, 512), (512, 1_024), (1_024, 1_280), (1_280, 1_536))
    found = {tuple(content[start:stop] for start, stop in parts) for ((_, content),) in states(made)}
    assert all(len(set(part)) == 1 for whole in found for part in whole)
    assert {tuple(part[:1] for part in whole) for whole in found} == {
        (b"-", one, two, three, b"-") for one in (b"-", b"#") for two in (b"-", b"#") for three in (b"-", b"#")
    }


@BOTH
def test_a_lost_write_leaves_a_gap_before_a_later_one(model: DiskModel) -> None:
    made = disk(model, opened("a"), written(b"12", 0), written(b"3", 2), image=Image({"a": b""}))
    gaps = {content[:2] for ((_, content),) in states(made) if len(content) == 3}
    assert b"12" in gaps
    assert b"\0\0" in gaps
    assert len(gaps) > 2, "garbage too"


@BOTH
def test_a_truncation_that_was_not_synced_may_be_undone(model: DiskModel) -> None:
    made = disk(model, opened("a"), op(Operation.TRUNCATE, offset=1), image=OLD)
    assert states(made) == {(("a", b"old"),), (("a", b"o"),)}


@BOTH
def test_a_pessimistic_cut_keeps_only_what_is_certain(model: DiskModel) -> None:
    made = disk(model, opened("a"), written(b"new"), opened("b", OTHER), image=OLD)
    assert made.cut("seed", "none")[0].files == {"a": b"old"}
    assert made.cut("seed", "all")[0].files == {"a": b"new", "b": b""} == made.now().files


def test_an_ordered_disk_makes_the_name_of_a_synced_file_certain() -> None:
    made = disk(ORDERED, opened("a"), written(b"new"), synced())
    assert states(made) == {(("a", b"new"),)}


def test_a_harsh_disk_may_forget_the_name_of_a_synced_file() -> None:
    made = disk(HARSH, opened("a"), written(b"new"), synced())
    assert states(made) == {(), (("a", b"new"),)}


@BOTH
def test_names_of_one_folder_survive_in_order(model: DiskModel) -> None:
    made = disk(model, opened("a"), opened("b", OTHER), op(Operation.UNLINK, path="a"))
    names = {tuple(name for name, _ in state) for state in states(made)}
    assert names == {(), ("a",), ("a", "b"), ("b",)}


@BOTH
def test_a_rename_replaces_at_once(model: DiskModel) -> None:
    made = disk(
        model,
        opened("a.tmp"),
        written(b"new"),
        synced(),
        op(Operation.RENAME, path="a.tmp", target="a"),
        image=Image({"a": b"old"}),
    )
    contents = {dict(state).get("a") for state in states(made)}
    assert contents == {b"old", b"new"}


@BOTH
def test_a_file_moved_to_another_folder_never_loses_every_name(model: DiskModel) -> None:
    moved = op(Operation.RENAME, path="a", target="aside/a")
    made = disk(model, op(Operation.MKDIR, path="aside"), moved, image=OLD)
    found = states(made)
    assert all(b"old" in dict(state).values() for state in found)
    assert (("aside/a", b"old"),) in found


def test_an_ordered_disk_commits_what_came_before_a_synced_change() -> None:
    made = disk(ORDERED, op(Operation.UNLINK, path="a"), opened("b", OTHER), synced(OTHER), image=OLD)
    assert states(made) == {(("b", b""),)}


def test_an_fsync_of_an_old_file_commits_no_younger_name() -> None:
    made = disk(ORDERED, opened("a"), opened("b", OTHER), synced(), image=OLD)
    assert states(made) == {(("a", b"old"),), (("a", b"old"), ("b", b""))}


@BOTH
def test_a_failed_fsync_is_the_last_word_on_its_writes(model: DiskModel) -> None:
    contents = set()
    for seed in range(40):
        made = disk(model, image=OLD)
        made._random.seed(seed)
        for one in (opened("a"), written(b"new"), synced(error=5), synced()):
            made.apply(one)
        found = states(made, 20)
        assert len(found) == 1, "the second fsync leaves nothing open"
        contents |= found
    assert contents == {(("a", b"old"),), (("a", b"new"),)}


@BOTH
def test_a_lying_disk_makes_nothing_certain(model: DiskModel) -> None:
    made = disk(DiskModel(model.is_ordered, lying=1.0), opened("a"), written(b"new"), synced(), image=OLD)
    assert states(made) == {(("a", b"old"),), (("a", b"new"),)}


def test_a_lying_disk_lies_as_often_as_it_is_told() -> None:
    certain = 0
    for seed in range(400):
        made = disk(DiskModel(lying=0.3), image=OLD)
        made._random.seed(seed)
        for one in (opened("a"), written(b"new"), synced()):
            made.apply(one)
        certain += made.cut("seed", "none")[0].files["a"] == b"new"
    assert 250 < certain < 310


@BOTH
def test_a_seed_gives_the_same_state_again(model: DiskModel) -> None:
    ops = (opened("a"), *(written(bytes([number]) * 700, number * 700) for number in range(8)))
    first, second = disk(model, *ops), disk(model, *ops)
    assert [first.cut(draw)[0] for draw in range(50)] == [second.cut(draw)[0] for draw in range(50)]


def test_renaming_a_folder_is_refused_as_not_modelled() -> None:
    made = disk(ORDERED, op(Operation.MKDIR, path="aside"))
    with pytest.raises(AssertionError, match="not modelled"):
        made.apply(op(Operation.RENAME, path="aside", target="other"))


def test_opening_with_truncation_empties_the_file() -> None:
    made = disk(ORDERED, opened("a", flags=0o1001), image=OLD)
    assert made.now().files == {"a": b""}
    assert (("a", b"old"),) in states(made)


@pytest.mark.parametrize("model", [ORDERED, HARSH, DiskModel(lying=0.05), DiskModel(False, 1.0)])
def test_the_name_of_a_model_says_it_all(model: DiskModel) -> None:
    assert disk_model(model.name) == model
