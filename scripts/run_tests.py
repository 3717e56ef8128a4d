"""Run the test suites and print their times against their budgets.

Usage: `make test`, or `make test SUITES="unit sql"`. The suites that wait much, for a browser or a screen, run
beside the others, which fill both cores meanwhile: their output comes at the end. Every suite runs even when one
fails. A suite fails when one of its tests fails or is skipped, when a folder is missing, when it collects no test
or when it hangs. Being over budget is shown, and is no failure: the machine may be slow.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.harness import postgres  # noqa: E402  (the path above comes first)

HANG_SECONDS = 1200  # a suite still running is then ended; the machine may be slow, or busy with something else
HUNG = -1
END_SECONDS_MAX = 20
TOTAL_SECONDS = 900
MEMORY = Path("/dev/shm")  # noqa: S108 (a private folder is made inside)
ROOM_BYTES = 6 << 30  # far more than the tests write


@dataclass(frozen=True)
class Suite:
    """Folders of tests that run together, and how."""

    name: str
    folders: tuple[str, ...]
    budget_seconds: int
    options: tuple[str, ...]
    is_beside: bool = False  # waits more than it computes


# In the order of the collection: what is marked `long` begins first (tests/conftest.py).
TWO_WORKERS = ("-n", "2", "--no-loadscope-reorder", "--dist")
BY_TEST = (*TWO_WORKERS, "loadgroup")
BY_FILE = (*TWO_WORKERS, "loadfile")  # a module's costly fixtures are made once
ALONE = ("-n", "0")

SUITES = (
    Suite("sql", ("tests/sql", "tests/cases", "tests/oracles"), 90, BY_FILE),
    Suite("simulation", ("tests/simulation",), 120, BY_TEST),
    Suite("records", ("tests/records",), 90, BY_FILE),
    Suite("unit", ("tests/unit", "tests/contracts", "tests/hygiene", "tests/docs", "tests/sabotage"), 45, BY_TEST),
    Suite("e2e", ("tests/e2e",), 240, ALONE, is_beside=True),
    Suite("ui", ("tests/ui",), 90, ALONE, is_beside=True),
)


@dataclass
class Outcome:
    """What one suite gave."""

    suite: Suite
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def main(names: Sequence[str]) -> int:
    """Run the named suites (all when none is named); return the exit code."""
    known = {suite.name: suite for suite in SUITES}
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"suite inconnue : {' '.join(unknown)} (choix : {' '.join(known)})", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    wanted = [known[name] for name in names or known]
    front = [suite for suite in wanted if not suite.is_beside] or wanted
    started = time.monotonic()
    with _run_folder(), _beside([suite for suite in wanted if suite not in front]) as others:
        outcomes = [run_suite(suite) for suite in front] + others()
    print(table(outcomes, time.monotonic() - started))
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def run_suite(suite: Suite, commands: "Commands | None" = None) -> Outcome:
    """Run one suite with pytest, its output shown as it comes, or at its end when others run beside it."""
    commands = commands or Commands()
    commands.say(f"\n=== {suite.name} ({', '.join(suite.folders)})")
    outcome = Outcome(suite)
    folders = [folder for folder in suite.folders if Path(folder).is_dir()]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="suite-", dir=postgres.run_folder()) as scratch:
        report = Path(scratch) / "report.xml"
        pytest = [sys.executable, "-m", "pytest", "-q", "--continue-on-collection-errors", f"--junitxml={report}"]
        # What a test wrote goes with it, unless it failed.
        where = [f"--basetemp={scratch}/t", "-o", "tmp_path_retention_policy=failed"]
        command = [*pytest, *where, *suite.options, *folders]
        code = commands.run(command, HANG_SECONDS) if folders else 5
        _count(report, outcome)
    outcome.seconds = time.monotonic() - started
    outcome.problems += [f"dossier absent : {folder}" for folder in suite.folders if folder not in folders]
    if code == HUNG:
        outcome.problems.append(f"arrêtée après {HANG_SECONDS} s sans avoir fini")
    elif outcome.passed + outcome.failed == 0:
        outcome.problems.append("aucun test trouvé")
    elif code not in (0, 1):
        outcome.problems.append(f"pytest a rendu le code {code}")
    elif code == 1 and outcome.failed == 0:
        outcome.problems.append("pytest a échoué hors des tests")
    outcome.failed += len(outcome.problems)
    return outcome


def table(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return the table of times, the problems outside tests, and last the plain line of totals.

    The whole took `seconds`: less than the sum, where suites ran beside each other.
    """
    lines = ["", f"{'suite':<12}{'réussis':>9}{'échoués':>9}{'durée':>9}{'budget':>9}"]
    for outcome in outcomes:
        over = outcome.seconds > outcome.suite.budget_seconds
        lines.append(
            f"{outcome.suite.name:<12}{outcome.passed:>9}{outcome.failed:>9}"
            f"{outcome.seconds:>7.0f} s{outcome.suite.budget_seconds:>7} s{'   AU-DELÀ DU BUDGET' if over else ''}"
        )
    lines.append(f"{'total':<30}{seconds:>7.0f} s{TOTAL_SECONDS:>7} s")
    lines += [f"{outcome.suite.name} : {problem}" for outcome in outcomes for problem in outcome.problems]
    lines += ["", f"{sum(one.passed for one in outcomes)} passed, {sum(one.failed for one in outcomes)} failed"]
    return "\n".join(lines)


class Commands:
    """Runs commands one after another, each in its own process group; `stop` ends the one that runs."""

    def __init__(self, output: IO[str] | None = None) -> None:
        self._output = output
        self._running: subprocess.Popen[bytes] | None = None
        self._is_stopped = False
        self._lock = threading.Lock()

    def say(self, words: str) -> None:
        """Print a line where the commands print theirs."""
        print(words, file=self._output, flush=True)

    def run(self, command: Sequence[str], timeout_seconds: int) -> int:
        """Return the command's code; it is killed whole at the deadline or when we are interrupted."""
        with self._lock:
            if self._is_stopped:
                return HUNG
            process = self._running = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output and subprocess.STDOUT,
                env=environment(),
                start_new_session=True,
            )
        try:
            return process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return HUNG
        except BaseException:
            _end(process)
            raise

    def stop(self) -> None:
        """End what runs and start nothing more."""
        with self._lock:
            self._is_stopped = True
            if self._running is not None and self._running.poll() is None:
                _end(self._running)


@contextmanager
def _beside(suites: Sequence[Suite]) -> Iterator[Callable[[], list[Outcome]]]:
    """Run suites one after another while the block runs; what is yielded waits for them and shows their output."""
    with tempfile.TemporaryFile("w+", errors="replace") as output, ThreadPoolExecutor(1) as lane:
        commands = Commands(output)
        running = lane.submit(lambda: [run_suite(suite, commands) for suite in suites])

        def rest() -> list[Outcome]:
            outcomes = running.result()
            output.seek(0)
            print(output.read(), end="", flush=True)
            return outcomes

        try:
            yield rest
        finally:
            commands.stop()


def environment() -> dict[str, str]:
    """Return what the tests inherit: of a developer's own settings, none; of ours, the run's folder."""
    # Without bytecode every worker and every process of a test compiles all it imports: half the suite's time.
    unwanted = {name for name in os.environ if name.startswith("MARELLE_")} | {"PYTHONDONTWRITEBYTECODE"}
    unwanted.discard(postgres.CLUSTER_DIR_VARIABLE)
    inherited = {name: value for name, value in os.environ.items() if name not in unwanted}
    return inherited | {"TMPDIR": os.environ[postgres.CLUSTER_DIR_VARIABLE]}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Let pytest stop what its tests started, then end whatever is left."""
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS_MAX)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _count(report: Path, outcome: Outcome) -> None:
    """Count passed and failed tests from pytest's report; a skipped test counts as failed."""
    if not report.exists():
        return
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 (our own file)
        numbers = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
        failed = numbers["failures"] + numbers["errors"] + numbers["skipped"]
        outcome.failed += failed
        outcome.passed += numbers["tests"] - failed


@contextmanager
def _run_folder() -> Iterator[None]:
    """Own the folder that the suites share: what they write, one PostgreSQL cluster that starts when asked for.

    It is in memory where there is room: nearly all that tests write is awaited by a sync of the disk. Those that
    are about the disk replay what a disk keeps.
    """
    tempfile.tempdir = str(MEMORY) if has_room(MEMORY) else None
    try:
        folder = postgres.claim_folder()
        try:
            yield
        finally:
            postgres.release_folder(folder)
    finally:
        tempfile.tempdir = None


def has_room(folder: Path) -> bool:
    """Say whether a folder in memory, and the memory itself, can take all that the tests write."""
    try:
        space, memory = os.statvfs(folder), Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return False
    (available,) = [int(line.split()[1]) << 10 for line in memory.splitlines() if line.startswith("MemAvailable")]
    # Tests also run what they write there.
    is_usable = os.access(folder, os.W_OK) and not space.f_flag & os.ST_NOEXEC
    return is_usable and min(space.f_bavail * space.f_frsize, available) > ROOM_BYTES


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
