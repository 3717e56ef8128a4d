"""Bill many worlds: `python -m tests.simulation.bill --worlds 200` prints one line of figures, and what differs."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.simulation.bill.compare import HOURS, LINES, MEALS, Comparison, compare
from tests.simulation.bill.pack import World, publish
from tests.simulation.bill.run import seed_of, worlds


def play(numbers: Sequence[int]) -> list[World]:
    """Play worlds by number, each twice."""
    with worlds() as played:
        return [
            World(
                number,
                played.play(seed_of(number), has_faults=False),
                played.play(seed_of(number), has_faults=True),
            )
            for number in numbers
        ]


def told(found: Sequence[World], compared: Comparison) -> str:
    """Return the line of figures."""
    taps = sum(len(world.faulty.taps) for world in found)
    faults = sum(sum(world.faulty.fired.values()) for world in found)
    figures, held = compared.figures, compared.held
    parts = (
        f"{len(found)} worlds, {taps} taps, {faults} faults",
        f"{figures[LINES]} lines ({compared.cents / 100:.2f} €), {figures[HOURS]} CAF figures ({compared.minutes} "
        f"minutes) and {figures[MEALS]} meal figures ({compared.plates} plates) compared",
        f"{len(compared.differences)} differences",
        f"held back: {held[LINES]} lines, {held[HOURS]} CAF and {held[MEALS]} meal figures, of {compared.flagged} "
        "flagged taps",
    )
    return "; ".join(parts)


def main(arguments: Sequence[str]) -> int:
    """Play, bill and compare; return 1 when a world could not be compared or something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.bill")
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args(arguments)
    numbers = range(asked.first, asked.first + asked.worlds)
    with ProcessPoolExecutor(asked.processes) as pool:
        shares = [numbers[start :: asked.processes] for start in range(asked.processes)]
        found = [world for share in pool.map(play, shares) for world in share]
    with tempfile.TemporaryDirectory(prefix="marelle-bills-") as folder:
        publish(Path(folder) / "home", found)
        compared = compare(Path(folder) / "home", found)
    broken = [f"{twin.seed}: {words}" for world in found for _, twin in world.sides() for words in twin.broken]
    print("\n".join([told(found, compared), *broken, *compared.differences]))
    return 1 if broken or compared.differences else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
