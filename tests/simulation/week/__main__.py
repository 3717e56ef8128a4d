"""Play one seed again and tell its story: `python -m tests.simulation.week week.17`."""

import sys

from tests.simulation.week.run import player


def main(seeds: list[str]) -> int:
    """Play the seeds named; return 1 when a promise was broken."""
    broken = 0
    with player() as played:
        for seed in seeds:
            outcome = played.play(seed)
            print("\n".join(outcome.diary))
            print(
                outcome.told()
                if outcome.violations
                else f"{seed}: every promise kept; digest {outcome.digest[:16]}"
            )
            broken += bool(outcome.violations)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
