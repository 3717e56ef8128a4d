"""Choosing cuts, adding up, damaging files, and the command line of the soak."""

import random

import pytest

from tests.simulation import soak
from tests.simulation.power.cuts import Cut, Recording, Tally, every_cut, points, random_cuts, read_cut
from tests.simulation.power.damage import damaged
from tests.simulation.power.disk import Image
from tests.simulation.power.promises import Promises
from tests.simulation.power.trace import Op
from tests.simulation.power.verdict import Verdict
from tests.unit.simulation_power.builders import ORDERED, marked, opened, synced, written

OPS: list[Op] = [
    opened("a"),
    written(b"one"),
    synced(),
    marked("offered", ids=["x"]),
    written(b"two", 3),
    marked("offered", ids=["y"]),
]


def recording() -> Recording:
    """Return a log written by hand."""
    return Recording("seed", Image(), Promises(), OPS)


def test_a_cut_sees_what_was_done_and_promised_before_it() -> None:
    seen = {}
    for cut, disk, promises in points(recording(), ORDERED, [Cut(6, 0), Cut(3, 0), Cut(4, 0), Cut(0, 0)]):
        assert isinstance(promises, Promises)
        seen[cut.index] = (disk.cut("x", "none")[0].files, set(promises.offered))
    assert seen == {
        0: ({}, set()),
        3: ({"a": b"one"}, set()),
        4: ({"a": b"one"}, {"x"}),
        6: ({"a": b"one"}, {"x", "y"}),
    }


def test_every_operation_is_cut_in_every_way() -> None:
    cuts = every_cut(recording(), draws=2)
    assert {cut.index for cut in cuts} == set(range(7))
    assert len(cuts) == len(set(cuts)) == 7 * (5 + 2)


def test_random_cuts_are_the_same_again_and_often_follow_a_promise() -> None:
    cuts = random_cuts(recording(), 90)
    assert cuts == random_cuts(recording(), 90)
    assert sum(cut.index in (4, 6) for cut in cuts) >= 30
    assert {cut.index for cut in cuts} == set(range(7))


@pytest.mark.parametrize("cut", [Cut(5, 2), Cut(0, 0, "half")])
def test_the_name_of_a_cut_says_it_all(cut: Cut) -> None:
    assert read_cut(cut.name) == cut


def test_a_tally_fails_for_the_families_that_count_and_says_how_to_see_it_again() -> None:
    verdict, tally = Verdict(), Tally()
    verdict.add("lost", 2, "a b")
    verdict.add("corrupt", 1)
    verdict.add("doubled", 0)
    tally.add(verdict, ("corrupt",), "play it again")
    tally.add(verdict, ("doubled",), "not told")
    assert tally.failures == ["corrupt 1\n    play it again"]
    assert tally.broken == {"lost": 4, "corrupt": 2}
    assert tally.runs_with == {"lost": 2, "corrupt": 2}


def test_damage_touches_what_it_says_and_nothing_else() -> None:
    files = {"outbox.sqlite3": b"s" * 9_000, "outbox.sqlite3-wal": b"w" * 5_000, "journal-1.log": b"j" * 3_000}
    image, older = Image({**files, "users.lock": b""}), Image({name: b"older" for name in files})
    kinds = set()
    for seed in range(300):
        hurt = damaged(image, older, random.Random(seed))
        for word in hurt.what.split(", "):
            kind, name = word.split()
            kinds.add(kind)
            assert hurt.image.files.get(name) != files[name] or kind == "repeat"
        touched = {name for name in files if hurt.image.files.get(name) != files[name]}
        assert hurt.both_copies or not ({"journal-1.log"} < touched)
        assert hurt.image.files["users.lock"] == b""
    assert kinds == {"flip", "zero", "garbage", "truncate", "repeat", "missing", "old"}


def test_flips_are_of_bits() -> None:
    image = Image({"journal-1.log": bytes(3_000)})
    flips = [damaged(image, image, random.Random(seed)) for seed in range(200)]
    counts = {
        sum(byte.bit_count() for byte in hurt.image.files["journal-1.log"])
        for hurt in flips
        if hurt.what.startswith("flip")
    }
    assert 1 in counts
    assert max(counts) <= 64


def test_the_soak_hands_out_numbers_until_each_unit_has_its_count() -> None:
    work = soak.Soak({"kills": 15}, 7, float("inf"))
    handed = []
    for place, number in work.tasks():
        handed.append((soak.LINES[place].name, number))
        work.take(soak.Result(handed[-1][0], number, Tally(runs=10)))
    assert handed == [("kill -9 at any instant", 7), ("kill -9 at a step", 7)]
    assert [line.split()[-9] for line in work.table().splitlines()[1:]] == ["10", "10"]


def test_the_soak_stops_when_its_time_is_over() -> None:
    assert list(soak.Soak({"cuts": float("inf")}, 0, 0.0).tasks()) == []


def test_the_table_of_the_soak_counts_what_was_broken() -> None:
    work = soak.Soak({"damages": 1}, 0, float("inf"))
    tally = Tally(runs=3, failures=["x"])
    tally.broken.update({"lost": 5, "invented": 1, "corrupt": 4})
    tally.unkept.update({"lost": 2, "invented": 1, "misled": 7})
    work.take(soak.Result("damaged files", 0, tally))
    [line] = work.table().splitlines()[1:]
    assert line.split()[-9:] == ["3", "0", "0", "2", "0", "1", "7", "3", "0"]
    assert work.failures() == ["damaged files: x"]
