"""Start the shipped outbox on what a disaster left, and judge what it makes of it.

Each count of a verdict is one broken promise, by family. `BROKEN` names those that no honest disk may cause;
`BROKEN_BY_LIES` those that not even a lying one may.

A disk that lies about fsync and loses power is the one case where a green tap may be gone: not promised, but
bounded and told. Only a tap whose both copies rest on an fsync that lied may be lost, one of the last before the
cut: a tap whose journal was honestly synced since is in its file after the cut, and must come back (`abandoned`); a
number missing below one that is left must be reported (`unreported`). How many: `outbox_cuts.LOST_SHARE_SOMETIMES`.

Files that were damaged before the scenario began may be found damaged (`hurt`) until a start has made the database
anew or a full check has found everything whole; from then on it is `corrupt` there too.
"""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from terminal.outbox import Outbox, OutboxError
from terminal.outbox.journal import journal_files, read_journal
from terminal.outbox.recovery import RecoveryReport
from tests.simulation.power.promises import Promises
from tests.simulation.power.taps import KEPT_AT, draft_of, identity_of, name_of
from tests.simulation.power.verdict import Verdict

RECOVERED_AT = KEPT_AT * 2
BROKEN = (
    "lost",  # a green tap is nowhere in the outbox
    "abandoned",  # and yet one of the journals holds it
    "database_lost",  # it was in one copy only: the journal had to bring it back
    "journal_lost",  # it was in one copy only: the journal has it not
    "doubled",  # two rows for one tap or one number
    "invented",  # a tap that nobody made
    "corrupt",  # a file was found damaged
    "unbooted",  # the outbox does not open, or takes no tap
    "unstable",  # a second start finds something else than the first
    "unreported",  # a number is missing and the report does not say so
    "misled",  # a tap counts as held by the server, which never saw it
    "forgotten",  # a tap that the server holds is offered again though the outbox had been told
    "revived",  # an emptied epoch is back
    "withheld",  # an unsent tap is not offered
    "single",  # an unsent tap is not in both copies once the outbox is open
    "red_offered",  # a screen said red, and the tap is offered
)
BROKEN_BY_LIES = (
    "abandoned",
    "doubled",
    "invented",
    "unbooted",
    "unstable",
    "unreported",
    "misled",
    "withheld",
    "single",
)
BROKEN_BY_DAMAGE = ("lost", *BROKEN_BY_LIES)
BROKEN_IN_REPAIRS = ("corrupt", *BROKEN_BY_DAMAGE)
EVERYTHING = 10**9


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the outbox."""

    tap_id: str
    epoch: str
    seq: int
    body: bytes
    state: str
    kept_at: int


def check_outbox(folder: Path, promises: Promises) -> Verdict:
    """Start, run the background check, keep a tap, stop, and start again; judge what is there at the end."""
    verdict = Verdict()
    before = journal_bodies(folder)
    box = open_outbox(folder, 0)
    reports = [box.recovery]
    try:
        if box.fault is not None:
            raise box.fault
        if not box.verify():
            verdict.figures["found_late"] += 1  # the next tap repairs
        added = box.keep(draft_of("after.0.0")).tap
        reports += [box.recovery] if box.recovery is not reports[0] else []
        rows = read_rows(box)
        _judge_sending(verdict, box, rows)
    except OutboxError as fault:
        verdict.add("unbooted", 1, f"{type(fault).__name__}: {fault.message}")
        return verdict
    finally:
        box.close()
    _judge_rows(verdict, rows, promises.with_tap(added))
    _judge_former_copies(verdict, rows, before, promises, {report.recovered_at for report in reports})
    _judge_reports(verdict, rows, reports, promises)
    _judge_second_start(verdict, folder, rows)
    return verdict


def journal_bodies(folder: Path) -> set[bytes]:
    """Return the body of every sound frame in the journals of a folder."""
    return {frame.body for path in journal_files(folder) for frame in read_journal(path).taps}


def read_rows(box: Outbox) -> dict[str, Row]:
    """Return every row by `tap_id`; of two with the same one, the last."""
    found = box.store.rows("SELECT tap_id, epoch, seq, body, state, kept_at FROM tap")
    return {row.tap_id: row for row in (Row(*values) for values in found)}  # type: ignore[arg-type]


def open_outbox(folder: Path, start: int) -> Outbox:
    """Open the shipped outbox as a checker does, with identities and a clock of its own."""
    given = count()
    return Outbox(folder, lambda: RECOVERED_AT + start, identity=lambda: identity_of("check", start, next(given)))


def _judge_former_copies(
    verdict: Verdict, rows: dict[str, Row], in_journals: set[bytes], promises: Promises, recoveries: set[int]
) -> None:
    """Was every promised tap in both copies when the disaster came?"""
    owed = promises.owed
    verdict.add("journal_lost", sum(body not in in_journals for body in owed.values()))
    verdict.add("abandoned", sum(body in in_journals and tap_id not in rows for tap_id, body in owed.items()))
    whole = sum(tap_id in rows and rows[tap_id].kept_at not in recoveries for tap_id in owed)
    verdict.add("database_lost", len(owed) - whole)
    verdict.figures["owed"] += len(owed)


def _judge_rows(verdict: Verdict, rows: dict[str, Row], promises: Promises) -> None:
    owed = promises.owed
    lost = [tap_id for tap_id, body in owed.items() if tap_id not in rows or rows[tap_id].body != body]
    verdict.add("lost", len(lost), " ".join(lost[:3]))
    live = [row for row in rows.values() if row.state != "void"]
    invented = [row.tap_id for row in live if not promises.is_genuine(row.body)]
    verdict.add("invented", len(invented), " ".join(invented[:3]))
    verdict.add("doubled", len(rows) - len({(row.epoch, row.seq) for row in rows.values()}))
    acked = {row.tap_id for row in live if row.state == "acked"}
    verdict.add("misled", len(acked - promises.offered))
    verdict.add("forgotten", len(promises.settled & owed.keys() & rows.keys() - acked))
    verdict.add("revived", len(promises.gone & rows.keys()))
    names = {name_of(row.body) for row in live}
    verdict.add("red_offered", len(names & promises.red))


def _judge_reports(
    verdict: Verdict, rows: dict[str, Row], reports: list[RecoveryReport], promises: Promises
) -> None:
    numbers: dict[str, list[int]] = {}
    for row in rows.values():
        numbers.setdefault(row.epoch, []).append(row.seq)
    missing = sum(max(seqs) - len(seqs) for seqs in numbers.values())
    verdict.add("unreported", max(0, missing - reports[-1].holes), str(reports[-1]))
    for report in reports:
        found = "hurt" if promises.expects_damage else "corrupt"
        verdict.add(found, int(report.store_was == "damaged") + report.misfits, str(report))
        verdict.figures["damaged_journals"] += report.journals_damaged
        verdict.figures["from_journals"] += report.taps_from_journals
        verdict.figures["slow_starts"] += report.duration_ms > 3_000
    verdict.figures["holes"] += missing


def _judge_sending(verdict: Verdict, box: Outbox, rows: dict[str, Row]) -> None:
    offered = {tap.tap_id for tap in box.store.pending(EVERYTHING, EVERYTHING)}
    verdict.add("withheld", len({row.tap_id for row in rows.values() if row.state == "pending"} ^ offered))


def _judge_second_start(verdict: Verdict, folder: Path, rows: dict[str, Row]) -> None:
    box = open_outbox(folder, 1)
    try:
        if box.fault is not None:
            raise box.fault
        again = read_rows(box)
    except OutboxError as fault:
        verdict.add("unbooted", 1, f"second start: {type(fault).__name__}: {fault.message}")
        return
    finally:
        box.close()
    changed = set(rows.values()) ^ set(again.values())
    report = box.recovery
    repaired = report.is_worth_telling or report.taps_from_journals or report.moved_aside or report.torn_tails
    verdict.add("unstable", len(changed) or int(bool(repaired)), str(report))
    in_journals = journal_bodies(folder)
    unsent = [row for row in again.values() if row.state in ("pending", "parked")]
    verdict.add("single", sum(row.body not in in_journals for row in unsent))
