"""Run as a program: a screen process whose files may not grow beyond a limit, which is lifted later."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from domain.time import system_clock
from terminal.outbox import Outbox, TapNotKept
from tests.unit.terminal.builders import badge

FILE_BYTES_MAX = 300_000
REFUSALS, TAPS_AFTER = 5, 10


def main(folder: Path) -> None:
    """Keep taps until several were refused, lift the limit, keep more; print what was green and the codes."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    box = Outbox(folder, system_clock)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, hard))
    green: list[str] = []
    refused: list[str] = []
    while len(refused) < REFUSALS:
        try:
            green.append(box.keep(badge()).tap.tap_id)
        except TapNotKept as refusal:
            refused.append(refusal.support_code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    green += [box.keep(badge()).tap.tap_id for _ in range(TAPS_AFTER)]
    box.close()
    print(json.dumps({"green": green, "refused": sorted(set(refused))}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
