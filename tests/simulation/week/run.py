"""Play seeds: one process's server, one folder in memory, one seed after another."""

import logging
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from records.database import Records
from tests.harness import garbage
from tests.simulation.week.checkers import Scene, liveness, safety, state_digest
from tests.simulation.week.faults import Faults
from tests.simulation.week.seams import shipped_seams
from tests.simulation.week.server import Server
from tests.simulation.week.simulation import Simulation
from tests.simulation.week.town import make_template

_MEMORY = Path("/dev/shm")


@dataclass(slots=True)
class Outcome:
    """What a seed gave: broken promises (none, please), what struck, figures, and a digest of the end."""

    seed: str
    violations: list[str]
    fired: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    diary: list[str] = field(default_factory=list, repr=False)

    def told(self) -> str:
        """Say what is broken, and the line that plays it again."""
        lines = [f"{self.seed}: {len(self.violations)} promises broken", *self.violations[:12]]
        return "\n".join([*lines, f"again: python -m tests.simulation.week {self.seed}"])


class Player:
    """Plays seeds in this process; `player()` makes one."""

    def __init__(self, folder: Path, make_town: Callable[[Path], Path] = make_template) -> None:
        self._folder = folder
        self._server = Server(make_town(folder / "template.db"), folder)
        garbage.collect_rarely()

    @property
    def records(self) -> Records:
        """The server's records as the last seed left them; the next seed replaces them."""
        return self._server.records

    def play(self, seed: str, *, faults: bool = True) -> Outcome:
        """Play one seed to its end; an exception that nobody expected is a broken promise too.

        Without `faults` the same people make the same gestures at the same instants, and nothing goes wrong.
        """
        homes = Path(tempfile.mkdtemp(prefix="homes-", dir=self._folder))
        stage: Simulation | None = None
        outcome = Outcome(seed, [])
        try:
            with shipped_seams(), _quiet():
                stage = Simulation(seed, self._server, homes, has_faults=faults)
                _live(stage, outcome)
        except Exception:
            outcome.violations.append(f"CRASH {traceback.format_exc()}")
        if stage is not None:
            outcome.fired, outcome.figures = stage.world.fired, stage.ledger.figures
            outcome.figures["taps"] = len(stage.ledger.greens)
            outcome.figures["terminals"] = len(stage.machines)
            outcome.diary = stage.world.diary
        shutil.rmtree(homes)
        for backup in self._folder.glob("backup-*"):
            backup.unlink()
        return outcome

    def close(self) -> None:
        """End the server."""
        self._server.close()


@contextmanager
def player(make_town: Callable[[Path], Path] = make_template) -> Iterator[Player]:
    """Yield a player that works in memory where it can; `make_town` makes the records it starts from."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="marelle-week-", dir=place) as folder:
        found = Player(Path(folder), make_town)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the shipped code logs about our faults from the screen."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _live(stage: Simulation, outcome: Outcome) -> None:
    """Faults and safety, then healing and liveness."""
    try:
        if stage.has_faults:
            Faults(stage).plan()
        stage.play()
        outcome.violations += [f"[week] {words}" for words in safety(_scene(stage))]
        stage.heal()
        stage.settle()
        scene = _scene(stage, is_healed=True)
        outcome.violations += [f"[healed] {words}" for words in (*safety(scene), *liveness(scene))]
        outcome.violations += stage.witness.violations
        outcome.digest = state_digest(scene)
    finally:
        stage.end()


def _scene(stage: Simulation, *, is_healed: bool = False) -> Scene:
    return Scene(stage.server, stage.ledger, stage.machines, stage.has_twins, stage.was_restored, is_healed)
