"""The checkers bite: whoever claims more than the files hold, or finds more than was claimed, is told."""

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from domain.wire.v1 import TapV1
from records.database import open_records, records_url
from records.operations.taps import TapStore
from terminal.outbox import Outbox, StoredTap
from terminal.outbox.journal import journal_files
from tests.simulation.power.outbox_check import check_outbox
from tests.simulation.power.promises import Promises
from tests.simulation.power.school import School, tap_of
from tests.simulation.power.server_check import Answers, check_server
from tests.simulation.power.taps import KEPT_AT, draft_of, identity_of, is_genuine


class Terminal:
    """An outbox with a few taps, and the promises that were made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.promises = Promises()
        given = count()
        box = Outbox(folder, lambda: KEPT_AT, identity=lambda: self._give(next(given)))
        self.taps = [box.keep(draft_of(f"0.1.{number}")).tap for number in range(5)]
        box.close()
        self.promises.note({"what": "green", "bodies": [StoredTap.of(tap).body.decode() for tap in self.taps]})

    def _give(self, number: int) -> str:
        identity = identity_of("unit", number)
        self.promises.note({"what": "identity", "identity": identity})
        return identity

    def change(self, sql: str) -> None:
        """Change the database behind the outbox's back."""
        with closing(sqlite3.connect(self.folder / "outbox.sqlite3")) as db, db:
            db.execute("DROP TRIGGER tap_content_is_immutable")
            db.execute(sql)

    @property
    def broken(self) -> set[str]:
        """The families of promises that the checker finds broken."""
        return set(check_outbox(self.folder, self.promises).broken)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal that keeps its word."""
    return Terminal(tmp_path)


def test_a_sound_outbox_breaks_nothing(terminal: Terminal) -> None:
    assert terminal.broken == set()


def test_a_green_tap_that_is_nowhere_is_lost(terminal: Terminal) -> None:
    tap = draft_of("0.1.9").with_identity(identity_of("x"), terminal.taps[0].epoch, 9)
    terminal.promises.note({"what": "green", "bodies": [StoredTap.of(tap).body.decode()]})
    assert terminal.broken == {"lost", "database_lost", "journal_lost"}


def test_a_missing_copy_is_found_though_recovery_makes_it_good(terminal: Terminal) -> None:
    for path in journal_files(terminal.folder):
        path.unlink()
    assert terminal.broken == {"journal_lost"}


def test_a_missing_database_is_found_though_recovery_makes_it_good(terminal: Terminal) -> None:
    (terminal.folder / "outbox.sqlite3").unlink()
    assert terminal.broken == {"database_lost"}


def test_a_tap_that_nobody_made_is_invented(terminal: Terminal) -> None:
    terminal.promises.identities.clear()
    assert terminal.broken == {"invented"}


def test_a_tap_that_counts_as_held_by_the_server_is_misleading(terminal: Terminal) -> None:
    terminal.change("UPDATE tap SET state = 'acked' WHERE seq = 2")
    assert "misled" in terminal.broken


def test_a_settled_tap_that_is_offered_again_was_forgotten(terminal: Terminal) -> None:
    ids = [tap.tap_id for tap in terminal.taps]
    terminal.promises.note({"what": "offered", "ids": ids})
    terminal.promises.note({"what": "settled", "ids": ids[:1]})
    assert terminal.broken == {"forgotten"}


def test_a_tap_that_a_screen_showed_red_must_not_be_offered(terminal: Terminal) -> None:
    terminal.promises.note({"what": "red", "names": ["0.1.2"]}, actor=1)
    terminal.promises.note({"what": "green", "bodies": []}, actor=1)
    assert terminal.broken == {"red_offered"}


@pytest.mark.parametrize("after", [[], [({"what": "green", "bodies": []}, 2)], [({"what": "opening"}, 1)]])
def test_until_the_screen_keeps_another_tap_the_disk_may_have_kept_what_it_denied(
    terminal: Terminal, after: list[tuple[dict[str, Any], int]]
) -> None:
    for mark, actor in [({"what": "red", "names": ["0.1.2"]}, 1), *after]:
        terminal.promises.note(mark, actor)
    assert terminal.broken == set()


def test_an_emptied_epoch_must_not_come_back(terminal: Terminal) -> None:
    terminal.promises.note({"what": "purged", "ids": [terminal.taps[0].tap_id]})
    assert terminal.broken == {"revived"}


def test_a_purge_may_take_only_what_the_server_holds(terminal: Terminal) -> None:
    terminal.promises.note({"what": "offered", "ids": [tap.tap_id for tap in terminal.taps[:4]]})
    terminal.promises.note({"what": "purging"})
    assert len(terminal.promises.owed) == 5, "one tap of the epoch is unsent"
    terminal.promises.note({"what": "offered", "ids": [terminal.taps[4].tap_id]})
    terminal.promises.note({"what": "purging"})
    assert terminal.promises.owed == {}
    terminal.promises.note({"what": "purged", "ids": []})
    assert len(terminal.promises.owed) == 5, "it took nothing"


def test_a_genuine_tap_is_so_to_the_last_byte(terminal: Terminal) -> None:
    body = StoredTap.of(terminal.taps[1]).body
    identities = terminal.promises.identities
    assert is_genuine(body, identities)
    assert not is_genuine(body.replace(b'"seq":2', b'"seq":3').replace(b"boot-0", b"boot-1"), identities)
    assert not is_genuine(b"{}", identities)
    assert not is_genuine(b"\xff", identities)


# -- the server ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    """Migrated records with a school."""
    return School.found(tmp_path_factory.mktemp("school"))


@pytest.fixture
def server(school: School, tmp_path: Path) -> tuple[Path, Answers]:
    """Records that hold taps 1, 2 and 4 of an epoch, and what was answered."""
    school.image.write(tmp_path)
    answers = Answers(school)
    epoch = identity_of("epoch")
    taps: list[TapV1 | str] = [tap_of(epoch, seq) for seq in (1, 2, 4)]
    with closing(open_records(records_url(tmp_path), lambda: KEPT_AT)) as records:
        answer = TapStore(records).keep(school.terminals[0].batch(taps))
    for seq in (1, 2, 4):
        answers.note({"what": "sent", "tap_id": identity_of(epoch, seq), "epoch": epoch, "seq": seq})
    kept = [(one.tap_id, one.status.value) for one in answer.answers]
    answers.note({"what": "begun"})
    answers.note({"what": "answered", "kept": kept, "quarantined": [], "through": answer.acked_through})
    answers.note({"what": "done"})
    return tmp_path, answers


Server = tuple[Path, Answers]


def families(server: Server, sql: str = "") -> set[str]:
    """Change the records behind their back; return what the checker finds broken."""
    folder, answers = server
    with closing(sqlite3.connect(folder / "records.db")) as db, db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(sql or "SELECT 1")
    return set(check_server(folder, answers, heals=True).broken)


def test_sound_records_break_nothing(server: Server) -> None:
    assert families(server) == set()


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("DELETE FROM tap WHERE seq = 4", {"lost", "understated"}),
        ("DELETE FROM tap WHERE seq = 2", {"lost", "overstated"}),
        ("UPDATE tap SET badge_uid = '00000000' WHERE seq = 1", {"invented"}),
        ("UPDATE tap SET payload_hash = 'x' WHERE seq = 1", {"invented", "unhealed"}),
        ("UPDATE device_epoch SET watermark = 4", {"overstated"}),
        ("UPDATE device_epoch SET watermark = 1", {"understated"}),
        ("UPDATE change_seq SET value = value - 1", {"miscounted"}),
        ("UPDATE change_seq SET value = value + 1", {"miscounted"}),
        ("DELETE FROM device_epoch", {"understated"}),
    ],
)
def test_records_that_were_tampered_with_are_found_out(server: Server, sql: str, broken: set[str]) -> None:
    assert families(server, sql) == broken


def test_a_registration_without_its_audit_row_is_found_out(server: Server) -> None:
    server[1].note({"what": "registering", "ref": "tablette-1"})
    server[1].note({"what": "registered", "ref": "tablette-1"})
    assert {"lost", "miscounted"} <= families(server)


def test_a_file_that_is_no_database_is_corrupt(server: Server) -> None:
    folder, answers = server
    (folder / "records.db").write_bytes(b"x" * 8_192)
    assert set(check_server(folder, answers).broken) == {"corrupt", "lost"}
