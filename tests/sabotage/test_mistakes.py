"""The planted mistakes stay fit to be planted by `make sabotage`, and only a real catch is called one."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sabotage.__main__ import Trial, judged, verdicts
from tests.sabotage.mistakes import Edit, Mistake, Rotten, edited, plant, read_mistakes
from tests.sabotage.running import ROOT, Commands, Ran

MISTAKES = read_mistakes()


def mistake_in(file: str, old: str, new: str) -> Mistake:
    """Return a mistake of one edit."""
    return Mistake(1, "title", "promise", "this", re.compile("lost"), (Edit(file, old, new),))


def test_there_are_fifteen_with_a_number_each() -> None:
    assert [mistake.number for mistake in MISTAKES] == list(range(1, 16))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one.number}-{one.title}")
def test_a_planted_mistake_still_fits_the_shipped_code_and_compiles(mistake: Mistake) -> None:
    changed = edited(mistake, ROOT)
    assert all(text != (ROOT / file).read_text(encoding="utf-8") for file, text in changed.items())


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one.number}-{one.title}")
def test_a_catcher_is_a_proof_suite_that_exists(mistake: Mistake) -> None:
    module, *arguments = mistake.catcher.split()
    assert module in ("pytest", "tests.simulation.week", "tests.simulation.power.soak")
    assert all((ROOT / one).exists() for one in arguments if "/" in one)


def test_a_text_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1\n")
    with pytest.raises(Rotten, match=r"one\.py holds 0 times, not once: a = 2"):
        plant(mistake_in("one.py", "a = 2\n", "a = 3\n"), tmp_path)
    assert (tmp_path / "one.py").read_text() == "a = 1\n"


def test_a_text_that_stands_twice_and_a_file_that_is_gone_are_named(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1\na = 1\n")
    with pytest.raises(Rotten, match="holds 2 times"):
        plant(mistake_in("one.py", "a = 1", "a = 3"), tmp_path)
    with pytest.raises(Rotten, match=r"there is no two\.py"):
        plant(mistake_in("two.py", "a = 1", "a = 3"), tmp_path)


def test_only_a_failure_that_names_the_promise_is_a_catch() -> None:
    mistake = mistake_in("one.py", "a", "b")
    assert judged(mistake, Ran(1, "S1 a tap is lost\n1 failed")) == (True, "S1 a tap is lost")
    assert judged(mistake, Ran(0, "nothing lost"))[0] is False
    assert judged(mistake, Ran(1, "ImportError: no module"))[0] is False
    assert judged(mistake, Ran(-9, "S1 a tap is lost"))[0] is False


class AnyTrial(Trial):
    """A trial whose catchers fail with a mistake and, when told so, without any."""

    def __init__(self, fault: str | None) -> None:
        self._fault = fault

    def accuse_nobody(self, command: str) -> str | None:
        """Return what is wrong with every catcher."""
        return self._fault

    def of(self, mistake: Mistake) -> tuple[bool, str]:
        """Catch everything."""
        return True, "lost"


@pytest.mark.parametrize(("fault", "is_caught"), [(None, True), ("fails without any mistake", False)])
def test_a_catcher_that_accuses_the_shipped_code_catches_nothing(fault: str | None, is_caught: bool) -> None:
    with ThreadPoolExecutor(1) as pool:
        found = list(verdicts(MISTAKES[:3], AnyTrial(fault), pool))
    assert [one.is_caught for one in found] == [is_caught] * 3


def test_a_command_runs_on_the_modules_of_the_copy_and_stops_with_us(tmp_path: Path) -> None:
    (tmp_path / "domain.py").write_text("print('of the copy')\nraise SystemExit(3)\n")
    commands = Commands()
    assert commands.run(tmp_path, "domain") == Ran(3, "of the copy\n")
    commands.stop()
    assert commands.run(tmp_path, "domain").code < 0
