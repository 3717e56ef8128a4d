"""The soak runs every family and tells; one case can be played again from the line it prints."""

import json
import re
import shlex
import tempfile
from pathlib import Path

import pytest

from tests.simulation.power import outbox_cuts, soak
from tests.simulation.power.cuts import Case, Tally, cut_power, judge_case, keep_case, random_cuts, read_case
from tests.simulation.power.disk import Image
from tests.simulation.power.families import HONEST, Bench
from tests.simulation.power.outbox_cuts import record_outbox
from tests.simulation.power.promises import Promises
from tests.simulation.soak import LINES, UNITS
from tests.simulation.soak import main as soak_main


def test_the_soak_prints_one_line_a_family_and_ends_well(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    summary = tmp_path / "proof.json"
    counts = [f"--{unit}=1" for unit in UNITS]
    assert soak_main([*counts, "--jobs=1", "--first=3", f"--json={summary}"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line[:34].strip() for line in told[1 : len(LINES) + 1]] == [line.name for line in LINES]
    assert all(re.search(r"  [1-9]\d* ", line) for line in told[1 : len(LINES) + 1])
    written = json.loads(summary.read_text(encoding="utf-8"))
    assert (written["first"], written["next"]) == (3, 4)
    assert {found["lost"] for found in written["families"].values()} == {0}


def test_a_failure_says_a_command_that_finds_it_again(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    recording = record_outbox(bench.recorder, "mixed.0", ("store_normal",))
    cuts = random_cuts(recording, 20)
    tally = cut_power(bench.recorder, recording, HONEST[:1], cuts, outbox_cuts.HONEST)
    command = shlex.split(tally.failures[0].splitlines()[-1])
    assert command[:4] == ["python", "-m", "tests.simulation.power.soak", "outbox"]
    # The mistake was planted here alone: the shipped outbox comes through the same cut.
    assert soak.main(command[3:]) == 0
    assert "nothing broken" in capsys.readouterr().out


def past_failures() -> list[str]:
    """Return the command lines of regressions.txt."""
    lines = (Path(__file__).parent / "regressions.txt").read_text(encoding="utf-8").splitlines()
    return [found for line in lines if (found := line.partition("#")[0].strip())]


@pytest.mark.parametrize("line", past_failures())
def test_a_failure_of_the_past_stays_mended(bench: Bench, line: str) -> None:
    assert soak.play_again(bench, soak.read_options(shlex.split(line))).failures == []


@pytest.fixture
def kept_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where cases are kept during the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("kept_cases")
def test_a_failure_that_no_seed_replays_is_kept_in_a_file(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    promises = Promises(green={"0" * 32: b"promised"}, epoch_of={"0" * 32: "e"})
    tally = Tally()
    judge_case(tally, bench.recorder, Case(Image(), promises, "", replays=False), outbox_cuts.HONEST)
    command = shlex.split(tally.failures[0].splitlines()[-1])
    assert soak.main(command[3:]) == 1
    assert "lost 1" in capsys.readouterr().out


def test_a_kept_case_is_the_same_when_read(kept_cases: Path) -> None:
    case = Case(Image({"a": b"x"}), Promises(offered={"y"}), "command")
    path = keep_case(case)
    assert path.parent == kept_cases
    assert read_case(path) == case
