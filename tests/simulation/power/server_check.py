"""Start the shipped records on what a disaster left, and judge what is in them.

A server whose disk lies about fsync and loses power may have forgotten taps it had answered for. What is promised
then (`BROKEN_BY_LIES`): nothing doubled, nothing invented; a damaged database is noticed, and restored from a
backup; on a sound one the terminals, which keep taps for 90 days, offer everything again and each tap is there
once. Until then the taps are lost: counted, and allowed.
"""

import sqlite3
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from domain.wire.v1 import BatchAnswerV1, TapV1
from records.database import DATABASE_FILE, open_records, records_url
from records.operations.taps import TapStore
from tests.simulation.power.school import School, tap_of
from tests.simulation.power.taps import KEPT_AT
from tests.simulation.power.verdict import Verdict

BROKEN = (
    "lost",  # answered stored, and nowhere
    "doubled",  # two rows for one tap or one number
    "invented",  # a tap that nobody sent, or with other content
    "corrupt",  # SQLite's own checks complain
    "unbooted",  # the records do not open or take no tap
    "overstated",  # a watermark above what is really there without a hole
    "understated",  # a watermark below it
    "unaudited",  # a change without its audit row, or the reverse
    "miscounted",  # change_seq is not the number of committed operations
    "unhealed",  # terminals offer everything again, and not all of it is there afterwards
)
BROKEN_BY_LIES = (
    "doubled",
    "invented",
    "unnoticed",  # the database is damaged, and the check of `marelle doctor` says that all is well
    "unhealed",
)
_CHUNK = 100


@dataclass
class Answers:
    """What a server had been sent and had answered at one point of a log."""

    school: School
    sent: dict[str, tuple[str, int]] = field(default_factory=dict)
    contents: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    quarantined: set[str] = field(default_factory=set)
    through: dict[str, int] = field(default_factory=dict)
    registering: set[str] = field(default_factory=set)
    registered: set[str] = field(default_factory=set)
    begun: int = 0
    done: int = 0
    errors: list[str] = field(default_factory=list)

    def note(self, mark: dict[str, Any], _actor: int = 0) -> None:
        """Take a mark into account; those that say nothing of an answer are passed over."""
        action = getattr(self, f"_on_{mark['what']}", None)
        if action is not None:
            action(mark)

    def copy(self) -> Self:
        """Return answers that go their own way from here."""
        school, self.school = self.school, None  # type: ignore[assignment]
        twin = deepcopy(self)
        self.school = twin.school = school
        return twin

    # -- marks ------------------------------------------------------------------------------------------------

    def _on_sent(self, mark: dict[str, Any]) -> None:
        if "content" in mark:
            self.contents.add(mark["content"])
        else:
            self.sent[mark["tap_id"]] = (mark["epoch"], mark["seq"])

    def _on_answered(self, mark: dict[str, Any]) -> None:
        self.kept.update(tap_id for tap_id, status in mark["kept"] if status in ("stored", "duplicate"))
        self.quarantined.update(mark["quarantined"])
        for epoch, seq in mark["through"].items():
            self.through[epoch] = max(seq, self.through.get(epoch, 0))

    def _on_begun(self, _mark: dict[str, Any]) -> None:
        self.begun += 1

    def _on_done(self, _mark: dict[str, Any]) -> None:
        self.done += 1

    def _on_registering(self, mark: dict[str, Any]) -> None:
        self.registering.add(mark["ref"])
        self.begun += 1

    def _on_registered(self, mark: dict[str, Any]) -> None:
        self.registered.add(mark["ref"])
        self.done += 1

    def _on_recovered(self, mark: dict[str, Any]) -> None:
        if not all(mark["shown"][1:]):
            self.errors.append(f"the records take no tap after the disk healed: {mark['shown']}")

    def _on_error(self, mark: dict[str, Any]) -> None:
        self.errors.append(mark["text"])


def check_server(folder: Path, answers: Answers, heals: bool = False) -> Verdict:
    """Open the records and judge them; `heals` also lets every terminal send everything again."""
    verdict = Verdict()
    try:
        with closing(sqlite3.connect(folder / DATABASE_FILE)) as db:
            _judge_file(verdict, db)
            if not verdict.broken["corrupt"]:
                _judge_taps(verdict, db, answers)
                _judge_watermarks(verdict, db, answers)
                _judge_operations(verdict, db, answers)
    except sqlite3.DatabaseError as error:
        verdict.add("corrupt", 1, str(error))
    if verdict.broken["corrupt"]:
        verdict.add("unnoticed", int(_looks_sound(folder)))
        verdict.add("lost", len(answers.kept), "until the backup is restored")
    elif heals:
        _judge_healing(verdict, folder, answers)
    return verdict


def _looks_sound(folder: Path) -> bool:
    """Say what the check of `marelle doctor` finds (cli.diagnosis)."""
    try:
        with closing(sqlite3.connect(folder / DATABASE_FILE)) as db:
            return bool(db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def _judge_file(verdict: Verdict, db: sqlite3.Connection) -> None:
    found = db.execute("PRAGMA integrity_check").fetchall()
    verdict.add("corrupt", int(found != [("ok",)]), str(found[:2]))
    verdict.add("corrupt", len(db.execute("PRAGMA foreign_key_check").fetchall()), "foreign keys")


def _judge_taps(verdict: Verdict, db: sqlite3.Connection, answers: Answers) -> None:
    rows = db.execute("SELECT tap_id, epoch, seq, payload_hash, badge_uid, occurred_at FROM tap").fetchall()
    stored = {tap_id: (epoch, seq) for tap_id, epoch, seq, *_ in rows}
    verdict.add("lost", len(answers.kept - stored.keys()))
    verdict.add("doubled", 2 * len(rows) - len(stored) - len(set(stored.values())))
    invented = [row for row in rows if answers.sent.get(row[0]) != (row[1], row[2]) or not _is_as_sent(row)]
    verdict.add("invented", len(invented), str(invented[:2]))
    kept = {content for (content,) in db.execute("SELECT content_hash FROM tap_quarantine")}
    verdict.add("lost", len(answers.quarantined - kept), "quarantined")
    verdict.add("invented", len(kept - answers.contents), "quarantined")
    verdict.figures["owed"] += len(answers.kept)


def _is_as_sent(row: tuple[Any, ...]) -> bool:
    tap = tap_of(row[1], row[2])
    return (tap.payload_hash(), tap.badge_uid, tap.occurred_at) == row[3:]


def _judge_watermarks(verdict: Verdict, db: sqlite3.Connection, answers: Answers) -> None:
    rows = db.execute("SELECT epoch, seq FROM tap ORDER BY epoch, seq").fetchall()
    truth = {epoch: _contiguous([seq for _, seq in found]) for epoch, found in groupby(rows, lambda row: row[0])}
    noted = db.execute("SELECT epoch, max(watermark), max(last_seq) FROM device_epoch GROUP BY epoch").fetchall()
    last = dict(db.execute("SELECT epoch, max(seq) FROM tap GROUP BY epoch").fetchall())
    for epoch, watermark, last_seq in noted:
        verdict.add("overstated", int(watermark > truth.get(epoch, 0)))
        verdict.add("understated", int(watermark < truth.get(epoch, 0) or last_seq != last.get(epoch)))
    verdict.add("understated", len(truth.keys() - {epoch for epoch, *_ in noted}))
    verdict.add("overstated", sum(seq > truth.get(epoch, 0) for epoch, seq in answers.through.items()))


def _contiguous(seqs: list[int]) -> int:
    watermark = 0
    for seq in seqs:
        if seq != watermark + 1:
            break
        watermark = seq
    return watermark


def _judge_operations(verdict: Verdict, db: sqlite3.Connection, answers: Answers) -> None:
    refs = {ref for (ref,) in db.execute("SELECT ref FROM device WHERE ref LIKE 'tablette%'")}
    audited = [
        (ref, change_seq)
        for ref, change_seq in db.execute(
            "SELECT entity_id, change_seq FROM audit WHERE entity = 'device' AND entity_id LIKE 'tablette%'"
        )
    ]
    verdict.add("lost", len(answers.registered - refs), "operations")
    verdict.add("invented", len(refs - answers.registering), "operations")
    verdict.add("unaudited", len(refs ^ {ref for ref, _ in audited}))
    value = db.execute("SELECT value FROM change_seq").fetchone()[0]
    base = answers.school.change_seq
    verdict.add("miscounted", int(not base + answers.done <= value <= base + answers.begun))
    verdict.add("unaudited", sum(not base < change_seq <= value for _, change_seq in audited))
    verdict.add("doubled", len(audited) - len({change_seq for _, change_seq in audited}), "change_seq")


def _judge_healing(verdict: Verdict, folder: Path, answers: Answers) -> None:
    """Every terminal offers all it ever made, as after a restored backup (P2): each tap is there once."""
    with closing(open_records(records_url(folder), lambda: KEPT_AT)) as records:
        store = TapStore(records)
        terminal = answers.school.terminals[0]
        every = sorted(answers.sent.values())
        for start in range(0, len(every), _CHUNK):
            taps: list[TapV1 | str] = [tap_of(epoch, seq) for epoch, seq in every[start : start + _CHUNK]]
            outcome = store.keep_all([terminal.batch(taps)])[0]
            taken = isinstance(outcome, BatchAnswerV1) and all(
                one.status.value in ("stored", "duplicate") for one in outcome.answers
            )
            verdict.add("unhealed", int(not taken), str(outcome)[:200])
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as db:
        rows = db.execute("SELECT tap_id, epoch, seq FROM tap").fetchall()
    verdict.add("unhealed", len(answers.sent.keys() - {row[0] for row in rows}), "after healing")
    verdict.add("doubled", len(rows) - len({row[1:] for row in rows}), "after healing")
