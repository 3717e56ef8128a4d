"""Play one disaster again; or the families of this folder alone, with the options of `tests.simulation.soak`.

    python -m tests.simulation.power.soak outbox --seed mixed.7 --model harsh-0 --cut 304:6
    python -m tests.simulation.power.soak --cuts 500000 --kills 5000

Ends with 1 when a promise was broken.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.simulation.power import outbox_cuts, server_cuts
from tests.simulation.power.build import build
from tests.simulation.power.cuts import Tally, cut_power, judge_case, read_case, read_cut
from tests.simulation.power.disk import DiskModel, disk_model
from tests.simulation.power.families import Bench
from tests.simulation.power.recorder import memory_folder
from tests.simulation.power.runs import damage, play_and_judge
from tests.simulation.soak import POWER_UNITS
from tests.simulation.soak import main as soak_main


def again(options: argparse.Namespace) -> int:
    """Play one case again and say what is found."""
    root = Path(tempfile.mkdtemp(prefix="marelle-again-", dir=memory_folder()))
    try:
        bench = Bench.set_up(build(root), root)
        with bench.recorder:
            tally = play_again(bench, options)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print("\n".join(tally.failures) or "nothing broken", dict(tally.broken), dict(tally.figures), sep="\n")
    return int(bool(tally.failures))


def play_again(bench: Bench, options: argparse.Namespace) -> Tally:
    """Play the one case that the options name."""
    model: DiskModel = disk_model(options.model)
    module = server_cuts if options.what == "server" else outbox_cuts
    judge = module.LYING if model.lying else module.HONEST
    if options.what == "outbox" and not model.lying:
        judge = outbox_cuts.judge_of(options.seed or "")
    if options.case:
        tally = Tally()
        judge_case(tally, bench.recorder, read_case(options.case), judge)
        return tally
    if options.damage is not None:
        return damage(bench.recorder, options.seed, options.damage + 1, options.damage)
    if not options.cut:
        return play_and_judge(bench.recorder, options.seed)
    if options.what == "server":
        recording = server_cuts.record_server(bench.recorder, bench.school, options.seed)
    else:
        recording = outbox_cuts.record_outbox(bench.recorder, options.seed)
    return cut_power(bench.recorder, recording, [model], [read_cut(options.cut)], judge)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line of one case."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.power.soak", description=__doc__)
    parser.add_argument("what", choices=("outbox", "server"), help="play one case of it again")
    for name in ("seed", "cut"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--case", type=Path, help="a file that a failure which no seed replays was kept in")
    parser.add_argument("--model", default="ordered-0")
    parser.add_argument("--damage", type=int)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    if arguments and arguments[0] in ("outbox", "server"):
        return again(read_options(arguments))
    return soak_main(arguments, POWER_UNITS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
