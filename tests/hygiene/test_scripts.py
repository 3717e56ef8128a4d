"""The scripts behind `make test` and `make bench` tell the truth about what they ran."""

import json
import os
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from scripts import run_benchmarks, run_tests
from tests.harness import postgres

Report = Callable[..., run_tests.Outcome]


@pytest.fixture
def trial_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which trials run."""
    monkeypatch.chdir(tmp_path)
    # The plugin that knows `-n`, and none of those that a trial has no use for.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")
    return tmp_path


@pytest.fixture
def run(trial_folder: Path) -> Report:
    """Run a suite of one folder that holds the given test file."""

    def run_folder(source: str | None, options: tuple[str, ...] = run_tests.ALONE) -> run_tests.Outcome:
        if source is not None:
            (trial_folder / "trial").mkdir()
            (trial_folder / "trial" / "test_trial.py").write_text(source)
        return run_tests.run_suite(run_tests.Suite("trial", ("trial",), 30, options))

    return run_folder


def test_passed_and_failed_tests_are_counted(run: Report) -> None:
    outcome = run("def test_one(): pass\ndef test_two(): assert 1 == 2\ndef test_three(nothing): pass\n")
    assert (outcome.passed, outcome.failed, outcome.problems) == (1, 2, [])


def test_skipped_test_counts_as_failed(run: Report) -> None:
    outcome = run("import pytest\ndef test_one(): pytest." + "skip('no')\n")
    assert (outcome.passed, outcome.failed) == (0, 1)


def test_suite_without_a_test_fails(run: Report) -> None:
    assert run("x = 1\n").problems == ["aucun test trouvé"]


def test_missing_folder_fails(run: Report) -> None:
    outcome = run(None)
    assert outcome.problems == ["dossier absent : trial", "aucun test trouvé"]
    assert outcome.failed == 2


def test_file_that_does_not_import_fails(run: Report) -> None:
    assert run("import nothing_of_that_name\n").failed == 1


def test_tests_of_one_group_share_a_worker(run: Report, tmp_path: Path) -> None:
    source = """
import os, pathlib, pytest
@pytest.mark.parametrize("number", range(6))
@pytest.mark.xdist_group("costly")
def test_one(number): pathlib.Path(f"worker-{number}").write_text(os.environ["PYTEST_XDIST_WORKER"])
"""
    assert run(source, run_tests.BY_TEST).passed == 6
    assert len({path.read_text() for path in tmp_path.glob("worker-*")}) == 1


def test_what_a_test_writes_is_in_the_folder_of_the_run_and_gone_at_the_end(run: Report) -> None:
    source = """
import os, pathlib, tempfile
def test_one(tmp_path):
    pathlib.Path("written").write_text(str(tmp_path))
    assert tempfile.gettempdir() == os.environ["MARELLE_TEST_CLUSTER_DIR"]
"""
    assert run(source).passed == 1
    written = Path(Path("written").read_text(encoding="utf-8"))
    assert postgres.run_folder() in written.parents
    assert not written.parent.exists()


def test_memory_is_used_where_it_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not run_tests.has_room(tmp_path / "no such folder")
    for room, expected in ((0, True), (1 << 60, False)):
        monkeypatch.setattr(run_tests, "ROOM_BYTES", room)
        assert run_tests.has_room(tmp_path) is expected


def test_memory_from_which_nothing_runs_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = list(os.statvfs(tmp_path))
    monkeypatch.setattr(run_tests, "ROOM_BYTES", 0)
    for flags, expected in ((fields[8] & ~os.ST_NOEXEC, True), (fields[8] | os.ST_NOEXEC, False)):
        found = os.statvfs_result((*fields[:8], flags, fields[9]))
        monkeypatch.setattr(os, "statvfs", lambda folder, found=found: found)
        assert run_tests.has_room(tmp_path) is expected


def test_suite_that_hangs_is_ended_and_fails(run: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests, "HANG_SECONDS", 2)
    outcome = run("import time\ndef test_one(): time.sleep(600)\n")
    assert outcome.problems == ["arrêtée après 2 s sans avoir fini"]
    assert outcome.seconds < 60


MEETING = """
import pathlib, time
def test_meets_the_other_suite():
    pathlib.Path("{mine}").touch()
    deadline = time.monotonic() + 60
    while not pathlib.Path("{other}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
"""


def test_suite_that_waits_runs_beside_the_others_and_is_told_at_the_end(
    trial_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for mine, other in (("front", "aside"), ("aside", "front")):
        (trial_folder / mine).mkdir()
        (trial_folder / mine / "test_trial.py").write_text(
            MEETING.format(mine=f"{mine}.seen", other=f"{other}.seen")
        )
    (trial_folder / "aside" / "test_more.py").write_text("def test_one(): assert 1 == 2\n")
    suites = [
        run_tests.Suite(name, (name,), 30, run_tests.ALONE, is_beside=name == "aside")
        for name in ("aside", "front")
    ]
    monkeypatch.setattr(run_tests, "SUITES", suites)
    monkeypatch.setattr(run_tests, "ROOT", trial_folder)
    monkeypatch.setattr(run_tests, "_run_folder", nullcontext)
    assert run_tests.main([]) == 1
    shown = capfd.readouterr().out
    assert shown.index("=== front") < shown.index("=== aside") < shown.index("assert 1 == 2")
    assert shown.splitlines()[-1] == "2 passed, 1 failed"


def test_tests_inherit_no_setting_of_the_developer_and_write_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    unwanted = {"MARELLE_HOME", "PYTHONDONTWRITEBYTECODE"}
    for name in {*unwanted, postgres.CLUSTER_DIR_VARIABLE}:
        monkeypatch.setenv(name, "1")
    assert unwanted & set(run_tests.environment()) == set()
    assert postgres.CLUSTER_DIR_VARIABLE in run_tests.environment()


def test_table_marks_what_is_over_budget_and_ends_with_the_totals() -> None:
    suite = run_tests.Suite("trial", ("trial",), 10, ())
    text = run_tests.table(
        [run_tests.Outcome(suite, passed=3, seconds=12.0), run_tests.Outcome(suite, passed=4, failed=1)], 13.0
    )
    assert [line.endswith("AU-DELÀ DU BUDGET") for line in text.splitlines()[2:4]] == [True, False]
    assert text.splitlines()[-1] == "7 passed, 1 failed"


def test_every_test_folder_belongs_to_one_suite() -> None:
    tests = Path(__file__).parent.parent
    without_tests = {"factories", "harness"}
    found = {f"tests/{path.parent.relative_to(tests).parts[0]}" for path in tests.glob("*/**/test_*.py")}
    in_suites = [folder for suite in run_tests.SUITES for folder in suite.folders]
    assert found - set(in_suites) == set()
    assert len(in_suites) == len(set(in_suites))
    assert not {f"tests/{name}" for name in without_tests} & set(in_suites)


def test_results_give_the_median_ratios_first() -> None:
    runs = [
        run_benchmarks.parse(
            "tap", json.dumps({"name": "tap", "figures": {"p50_ms": ms}, "ratios": {"fsyncs": ms / 2}})
        )
        for ms in (3.0, 1.0, 2.0)
    ]
    page = run_benchmarks.render([run_benchmarks.summarise("tap", runs)], 3, "this machine")
    assert re.findall(r"^\| tap .*", page, re.MULTILINE) == [
        "| tap | fsyncs | 1 | 0.5 – 1.5 |",
        "| tap | p50_ms | 2 | 1 – 3 |",
    ]
    assert page.index("## Ratios") < page.index("## Figures")


@pytest.mark.parametrize("line", ["done", "[1]", '{"name": "tap", "figures": {}}', ""])
def test_last_line_that_is_not_the_result_is_refused(line: str) -> None:
    with pytest.raises(run_benchmarks.BenchmarkError, match="tap"):
        run_benchmarks.parse("tap", line)


def test_runs_that_measure_different_things_are_refused() -> None:
    runs = [{"name": "tap", "figures": {name: 1.0}, "ratios": {}} for name in ("p50_ms", "p99_ms")]
    with pytest.raises(run_benchmarks.BenchmarkError, match="differ"):
        run_benchmarks.summarise("tap", runs)


def test_figure_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(run_benchmarks.BenchmarkError, match="not a number"):
        run_benchmarks.summarise("tap", [{"name": "tap", "figures": {"p50_ms": "fast"}, "ratios": {}}])
