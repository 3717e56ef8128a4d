"""The roster on disk, the questions asked of it, and agents' codes."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import date
from pathlib import Path

import pytest

from domain.wire.v1 import AgentV1
from terminal.roster.agents import find_agent, verify_code
from terminal.roster.book import RosterBook, list_name
from terminal.roster.store import RosterStore
from tests.unit.terminal.builders import TUESDAY, UIDS, child, instant, roster

BOOK = RosterBook(roster())


def code_hash(code: str, salt: str = "00ff", rounds: int = 1_000) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", code.encode(), bytes.fromhex(salt), rounds)
    return f"pbkdf2_sha256${rounds}${salt}${digest.hex()}"


def test_a_roster_comes_back_with_its_etag(tmp_path: Path) -> None:
    store = RosterStore(tmp_path / "roster.json")
    assert store.load() is None
    store.save(roster(), '"r1"')
    found = store.load()
    assert found is not None
    assert (found.roster, found.etag) == (roster(), '"r1"')


def test_names_of_children_are_readable_by_the_terminal_alone(tmp_path: Path) -> None:
    RosterStore(tmp_path / "roster.json").save(roster(), '"r1"')
    assert stat.S_IMODE((tmp_path / "roster.json").stat().st_mode) == 0o600


def test_a_roster_cut_off_while_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RosterStore(tmp_path / "roster.json")
    store.save(roster(), '"r1"')

    def power_cut(_: int) -> None:
        raise OSError(5, "power cut")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        store.save(roster(version="r2"), '"r2"')
    found = store.load()
    assert found is not None
    assert found.etag == '"r1"'


@pytest.mark.parametrize("content", ["", "{", "[]", '{"etag": "x"}', '{"etag": "x", "roster": {"version": 1}}'])
def test_an_unreadable_roster_is_no_roster(tmp_path: Path, content: str) -> None:
    (tmp_path / "roster.json").write_text(content)
    assert RosterStore(tmp_path / "roster.json").load() is None


def test_a_wiped_roster_is_gone(tmp_path: Path) -> None:
    store = RosterStore(tmp_path / "roster.json")
    store.save(roster(), '"r1"')
    store.wipe()
    store.wipe()
    assert list(tmp_path.iterdir()) == []


def test_an_agent_is_found_by_the_code_alone() -> None:
    agents = [
        AgentV1(agent_ref="amina", display_name="Amina B.", code_hash=code_hash("1234")),
        AgentV1(agent_ref="julie", display_name="Julie P.", code_hash=code_hash("9876")),
    ]
    assert find_agent(agents, "9876") == "julie"
    assert find_agent(agents, "0000") is None


@pytest.mark.parametrize(
    "broken",
    ["", "1234", "md5$1$00$00", "pbkdf2_sha256$x$00$00", "pbkdf2_sha256$1$zz$00", "pbkdf2_sha256$0$00$00",
     "pbkdf2_sha256$99999999999$00$00"],
)  # fmt: skip
def test_a_hash_of_another_form_opens_nothing(broken: str) -> None:
    assert verify_code(broken, "1234") is False


def test_one_badge_may_bring_several_children() -> None:
    both = RosterBook(
        roster(
            children=[
                child("lea", "Léa", "Fournier", "ce1", "CE1", badges=["AABBCC"]),
                child("noe", "Noé", "Fournier", "ps", "PS", badges=["AABBCC"]),
            ]
        )
    )
    assert [one.child_ref for one in both.children_of_badge("AABBCC")] == ["lea", "noe"]
    assert BOOK.children_of_badge("FFFFFF") == ()
    assert [one.child_ref for one in BOOK.children_of_badge(UIDS["tom"])] == ["tom"]


def test_search_ignores_accents_case_and_order_of_names() -> None:
    assert [list_name(one) for one in BOOK.search("lea four")] == ["FOURNIER Léa"]
    assert [list_name(one) for one in BOOK.search("fourn")] == ["FOURNIER Léa", "FOURNIER Noé"]
    assert [list_name(one) for one in BOOK.search("", "ce1")] == ["BELKACEM Inès", "FOURNIER Léa", "GARNIER Tom"]
    assert BOOK.search("xyz") == []


def test_class_mates_of_one_first_name_show_letters_of_their_last_name() -> None:
    people = [("a", "Fournier", "ce1"), ("b", "Fontaine", "ce1"), ("c", "Fournier", "ps")]
    book = RosterBook(roster(children=[child(ref, "Léa", last, where, where) for ref, last, where in people]))
    names = {one.child_ref: book.public_name(one) for one in book.roster.children}
    assert names == {"a": "Léa Fou.", "b": "Léa Fon.", "c": "Léa"}


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(8, 2, "morning"), (7, 15, "morning"), (12, 0, "canteen"), (18, 44, "evening"), (22, 0, None)],
)
def test_the_hour_decides_the_service(hour: int, minute: int, expected: str | None) -> None:
    found = BOOK.service_at(instant(hour, minute))
    assert (found.service_ref if found else None) == expected


def test_a_day_known_to_be_closed_has_no_service() -> None:
    monday_closed = date(2026, 11, 23)
    assert BOOK.service_at(instant(8, 2, monday_closed)) is None
    assert BOOK.is_closed(monday_closed)


def test_beyond_the_days_it_knows_the_weekday_decides() -> None:
    weeks_later = date(2026, 12, 15)
    assert not BOOK.is_closed(weeks_later)
    found = BOOK.service_at(instant(8, 2, weeks_later))
    assert found is not None
    assert found.service_ref == "morning"


def test_expected_children_come_in_list_order_and_unknown_days_are_told_apart() -> None:
    assert [one.child_ref for one in BOOK.expected("evening", TUESDAY)] == ["ines", "lea", "noe"]
    assert BOOK.knows_expected(TUESDAY)
    assert not BOOK.knows_expected(date(2026, 12, 15))
    assert BOOK.is_expected("lea", "morning", TUESDAY)


def test_a_day_begins_at_local_midnight() -> None:
    assert BOOK.start_of_day(instant(8, 2)) == instant(0, 0)
