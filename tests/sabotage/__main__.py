"""Plant every mistake and see it caught: `python -m tests.sabotage`, or with the numbers of some.

Prints a line a mistake (what was planted, what caught it, seconds) as each is done and last the score; ends with 1
unless all are caught. Ctrl-C stops everything at once.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.sabotage.mistakes import Mistake, Rotten, plant, read_mistakes
from tests.sabotage.running import Commands, Ran, copy_project

JOBS = 2
SMOKE = "tests.sabotage.smoke"
_TOLD = 110
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mistake."""

    mistake: Mistake
    is_caught: bool
    words: str
    seconds: float

    def line(self) -> str:
        """Return the line that is printed."""
        mark = "caught" if self.is_caught else "NOT CAUGHT"
        head = f"{self.mistake.number:>2}  {mark:<10} {self.mistake.title}"
        return f"{head}\n      {self.mistake.catcher}\n      {self.words}  ({self.seconds:.0f} s)"


class Trial:
    """Tries mistakes in copies below one folder."""

    def __init__(self, folder: Path, commands: Commands) -> None:
        self._folder = folder
        self._commands = commands
        self._clean = copy_project(folder / "clean")

    def accuse_nobody(self, command: str) -> str | None:
        """Run a catcher on the tree as it is; return what is wrong when it does not pass."""
        ran = self._commands.run(self._clean, command)
        return None if ran.code == 0 else f"fails without any mistake: {_tail(ran)}"

    def of(self, mistake: Mistake) -> tuple[bool, str]:
        """Plant one mistake in a copy; return whether it was caught, and by which words."""
        copy = copy_project(self._folder / str(mistake.number))
        try:
            plant(mistake, copy)
        except (Rotten, SyntaxError) as error:
            return False, f"DOES NOT APPLY ANY MORE: {error}"
        smoke = self._commands.run(copy, SMOKE)
        if smoke.code != 0:
            return False, f"breaks an undisturbed day already: {_tail(smoke)}"
        return judged(mistake, self._commands.run(copy, mistake.catcher))


def judged(mistake: Mistake, ran: Ran) -> tuple[bool, str]:
    """Say whether a catcher's run names the promise that the mistake breaks."""
    if ran.code == 0:
        return False, "the catcher saw nothing"
    told = next((line.strip() for line in ran.output.splitlines() if mistake.evidence.search(line)), None)
    if told is None or ran.code < 0:
        return False, f"the catcher failed for another reason: {_tail(ran)}"
    return True, told[:_TOLD]


def _tail(ran: Ran) -> str:
    return " | ".join([f"code {ran.code}", *ran.output.strip().splitlines()[-3:]])


def verdicts(mistakes: Sequence[Mistake], trial: Trial, pool: ThreadPoolExecutor) -> Iterator[Verdict]:
    """Yield a verdict a mistake, as each is done."""
    clean = {command: pool.submit(trial.accuse_nobody, command) for command in {one.catcher for one in mistakes}}
    work = [pool.submit(_timed, trial, one) for one in mistakes]
    for done in as_completed(work):
        yield _unless_accused(done.result(), clean)


def _timed(trial: Trial, mistake: Mistake) -> Verdict:
    started = time.monotonic()
    is_caught, words = trial.of(mistake)
    return Verdict(mistake, is_caught, words, time.monotonic() - started)


def _unless_accused(verdict: Verdict, clean: "dict[str, Future[str | None]]") -> Verdict:
    """A catcher that fails on the shipped code catches nothing."""
    fault = clean[verdict.mistake.catcher].result()
    return verdict if fault is None else Verdict(verdict.mistake, False, fault, verdict.seconds)


def main(numbers: Sequence[str]) -> int:
    """Try the mistakes of these numbers, all when none is named; return the exit code."""
    mistakes = [one for one in read_mistakes() if not numbers or str(one.number) in numbers]
    commands = Commands()
    caught = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="marelle-sabotage-", dir=_memory_folder()) as folder:
        pool = ThreadPoolExecutor(JOBS)
        try:
            print(f"{len(mistakes)} mistakes, {JOBS} at a time…", flush=True)
            for verdict in verdicts(mistakes, Trial(Path(folder), commands), pool):
                caught += verdict.is_caught
                print(verdict.line(), flush=True)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        finally:
            commands.stop()
            pool.shutdown(cancel_futures=True)
    print(f"{time.monotonic() - started:.0f} s\n{caught}/{len(mistakes)}")
    return 0 if mistakes and caught == len(mistakes) else 1


def _memory_folder() -> Path | None:
    return _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
