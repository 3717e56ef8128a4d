"""What is checked while the week goes on: at each green screen, at each answer, at each request."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from domain.wire.v1 import BATCH_BYTES_MAX, BATCH_TAPS_MAX, TapV1
from tests.simulation.week.clocks import MINUTE
from tests.simulation.week.ledger import Ledger
from tests.simulation.week.server import Answer, Request, Server
from tests.simulation.week.world import World

REQUESTS_A_MINUTE_MAX = 240


class Witness:
    """Looks on with its own connections; every broken promise is a line of `violations`."""

    def __init__(self, server: Server, ledger: Ledger, world: World) -> None:
        self._server, self._ledger, self._world = server, ledger, world
        self._minutes: Counter[tuple[str, int]] = Counter()
        self.violations: list[str] = []

    def blame(self, promise: str, words: str) -> None:
        """Note a broken promise."""
        self.violations.append(f"{promise} {words}")
        self._world.note("WITNESS", f"{promise} {words}")

    @staticmethod
    def is_kept_twice(folder: Path, tap: TapV1) -> str | None:
        """Say what is missing of a tap that a screen shows green; None when it is in both places (P1)."""
        body = tap.model_dump_json(exclude_none=True).encode()
        with closing(sqlite3.connect(folder / "outbox.sqlite3")) as database:
            found = database.execute("SELECT body FROM tap WHERE tap_id = ?", (tap.tap_id,)).fetchall()
        if found != [(body,)]:
            return "not in the database"
        if body not in (folder / f"journal-{tap.epoch}.log").read_bytes():
            return "not in the journal"
        return None

    def on_answer(self, request: Request, answer: Answer) -> None:
        """Check an answer to a batch as it leaves the server: whatever it says is held can be read in the file."""
        if answer.status != 200:
            return
        taps = json.loads(request.body)["taps"]
        said = json.loads(answer.body)
        self._ledger.figures["answered"] += len(said["answers"])
        ids = [taps[one["index"]]["tap_id"] for one in said["answers"] if one["status"] != "quarantined"]
        marks = ",".join("?" * len(ids))
        kept = {row[0] for row in self._server.rows(f"select tap_id from tap where tap_id in ({marks})", *ids)}
        for tap_id in set(ids) - kept:
            self.blame("S1", f"answered before it was durable: {tap_id}")
        for one in said["answers"]:
            if one["status"] == "quarantined":
                self._check_quarantined(one["reason"], one["tap_id"])
        if len(said["answers"]) != len(taps):
            self.blame("S6", f"{len(taps)} taps sent, {len(said['answers'])} answers")
        for epoch, watermark in said["acked_through"].items():
            held = self._server.rows(
                "select count(distinct seq) from tap where epoch = ? and seq <= ?", epoch, watermark
            )
            if held != [(watermark,)]:
                self.blame("S4", f"acked through {watermark} of {epoch[:6]}, and only {held[0][0]} are held")

    def _check_quarantined(self, reason: str | None, tap_id: str | None) -> None:
        found = self._server.rows(
            "select count(*) from tap_quarantine where reason = ? and instr(content, ?) > 0",
            reason,
            (tap_id or "").encode(),
        )
        if not reason or not found[0][0]:
            self.blame("S6", f"said to be quarantined and nowhere: {tap_id}")

    def on_request(self, who: str, request: Request) -> None:
        """Check the limits of a request to the server, and that taps travel in order (S9)."""
        minute = (who, self._world.now // MINUTE)
        self._minutes[minute] += 1
        if self._minutes[minute] == REQUESTS_A_MINUTE_MAX:
            self.blame("S9", f"{who} asked {REQUESTS_A_MINUTE_MAX} times in a minute")
        if not request.path.endswith("taps:batch"):
            return
        taps = json.loads(request.body)["taps"]
        if len(request.body) > BATCH_BYTES_MAX or len(taps) > BATCH_TAPS_MAX:
            self.blame("S9", f"a batch of {len(taps)} taps and {len(request.body)} bytes")
        last: dict[str, int] = {}
        for tap in taps:
            if tap["seq"] <= last.get(tap["epoch"], 0):
                self.blame("S4", f"{who} sends {tap['epoch'][:6]}/{tap['seq']} after {last[tap['epoch']]}")
            last[tap["epoch"]] = tap["seq"]

    def drained_in(self, taken: int, allowed: int) -> None:
        """Check how long the terminals took once everything worked again (L1, F8)."""
        self._ledger.figures["drain_seconds"] = taken // 1_000_000
        if taken > allowed:
            self.blame("L1", f"not drained {taken // MINUTE} minutes after everything worked again")
