"""What a proof of prices leaves behind."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import Counter
from pathlib import Path

from tests.oracles.proof import Tally, keep


def test_figures_of_a_proof_are_kept_with_its_commit_and_command(tmp_path: Path) -> None:
    told = tmp_path / "proof.json"
    tally = Tally(towns=2, lines=31, kinds=Counter(unit=30, contract=1))

    keep(tally, "abc1234", Namespace(lines=30, seed=0, json=told))

    kept = json.loads(told.read_text(encoding="utf-8"))
    assert (kept["commit"], kept["lines"], kept["kinds"]) == ("abc1234", 31, {"unit": 30, "contract": 1})
