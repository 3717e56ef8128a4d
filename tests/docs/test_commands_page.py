"""docs/commandes.md names every command, and its examples work on the demo town."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.main import get_command
from typer.testing import CliRunner

from cli.main import app
from records.actors import SETUP
from records.database import open_records
from records.models import Family, FamilyMember, Person, SchoolClass
from records.operations.accounts import NewInvitation, invite
from records.operations.coverage_terms import CoverageTerms
from records.operations.coverages import NewCoverage, ask_coverage
from records.operations.month_states import reopen_month
from records.operations.paying_bodies import NewBody, add_paying_body
from records.operations.purges import draw_up_purge, order_purge
from records.operations.retention import NewRetention, keep_for
from records.operations.voucher_recaps import NewRecapCalendar, set_recap_calendar
from tests.factories.people import token_of
from tests.factories.town import START
from tests.harness.demo_world import DemoWorld
from warehouse.reader import open_snapshot

PAGE = (Path(__file__).parents[2] / "docs" / "commandes.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\$ marelle (.+)$", PAGE, re.MULTILINE)
# These stay, take long or want a terminal that listens: their own tests run them.
NOT_HERE = ("run", "demo", "init", "badge", "terminal", "serve", "warehouse", "import")
# The first builds the figures of the whole town, the others read what it gives: tests/sql/test_month_end.py.
# The town's invoices wait to be told, and no mail server is here: tests/unit/exchanges/test_mail.py.
# Files of accounts and figures of a declaration: tests/unit/cli/test_caf_commands.py.
NOT_HERE_EITHER = (
    "caf accounting",
    "caf audit",
    "caf consents",
    "caf declaration",
    "export filoue",
    "month issue",
    "invoices show",
    "invoices pdf",
    "invoices certificate",
    "mail send",
)


def commands(command: Any = None, path: str = "") -> Iterator[str]:
    """Yield the full name of every command."""
    found = getattr(command or get_command(app), "commands", None)
    if not found:
        yield path.strip()
    for name, sub in (found or {}).items():
        yield from commands(sub, f"{path} {name}")


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_an_example(name: str) -> None:
    assert any(example == name or example.startswith(f"{name} ") for example in EXAMPLES)


def test_the_examples_work(demo_copy: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in demo_copy.env().items():
        monkeypatch.setenv(variable, value)
    reader = open_snapshot(demo_copy.home)
    line_key = reader.sql("select line_key from fct_priced_lines limit 1").to_pylist()[0]
    stands_for = {
        "LIGNE": line_key["line_key"],
        "REPÈRE": reader.coherence_faults()[0].fault_key,
        "EXPORT": str(demo_copy.home / "export"),
        "ARCHIVE": str(demo_copy.home / "dossier.zip"),
        "LETTRES": str(demo_copy.home / "lettres.pdf"),
        "MENUS": menus_to_write(demo_copy),
        "LIEU": place_to_confirm(demo_copy),
        "PAYEUR": reader.sql("select payer_ref from fct_priced_lines where payer_ref <> '' limit 1").to_pylist()[0][
            "payer_ref"
        ],
        **class_and_token(demo_copy),
        **purge_and_family(demo_copy),
        **coverage_asked(demo_copy),
    }
    for example in EXAMPLES:
        words = [stands_for.get(word, word) for word in shlex.split(example)]
        if words[0] not in NOT_HERE and " ".join(words[:2]) not in NOT_HERE_EITHER:
            found = CliRunner().invoke(app, words, input="un-cerisier-sous-la-pluie\n")
            assert found.exit_code == 0, f"marelle {example}\n{found.stderr}"


def menus_to_write(world: DemoWorld) -> str:
    """Return a file of menus."""
    path = world.home / "menus.csv"
    path.write_text("jour;menu;plat\n2026-11-30;Gratin de courge;végétarien\n", encoding="utf-8")
    return str(path)


def class_and_token(world: DemoWorld) -> dict[str, str]:
    """Return what CLASSE and JETON stand for: a class of the town, and the link of somebody just invited."""
    records = open_records(world.url)
    link = invite(records, SETUP, NewInvitation("invitee", "Zoé Blanc", None, ()))
    with records.read() as session:
        school_class = session.scalars(select(SchoolClass.ref).order_by(SchoolClass.ref)).first()
    records.close()
    assert school_class is not None
    return {"JETON": token_of(link), "CLASSE": school_class}


def place_to_confirm(world: DemoWorld) -> str:
    """Return what LIEU stands for: a place whose month was invoiced, then reopened."""
    records = open_records(world.url)
    reopen_month(records, SETUP, "tilleuls", date(2026, 10, 1), "Certificat reçu")
    records.close()
    return "tilleuls"


def coverage_asked(world: DemoWorld) -> dict[str, str]:
    """Return what PEC stands for: a coverage just asked for a child of the town; recaps get their days."""
    records = open_records(world.url)
    add_paying_body(records, SETUP, NewBody("departement", "Département d'essai", "department", START))
    set_recap_calendar(records, SETUP, NewRecapCalendar(date(2020, 1, 1), "Note", ((12, 31), (6, 30)), 15))
    with records.read() as session:
        members = select(Person.ref).join(FamilyMember, FamilyMember.person_id == Person.id)
        child = session.scalars(members.where(FamilyMember.role == "child").order_by(Person.ref)).first()
    assert child is not None
    terms = CoverageTerms("cap", "total", amount_cents=8_000)
    ask_coverage(records, SETUP, NewCoverage("pec-1", "departement", child, "decision", terms, START))
    records.close()
    return {"PEC": "pec-1"}


def purge_and_family(world: DemoWorld) -> dict[str, str]:
    """Return what LISTE, ORDRE, FAMILLE and ENFANT stand for: two lists of what is past its time, and a family."""
    records = open_records(world.url)
    drawn = []
    for code in ("badge_number", "audit"):
        keep_for(records, SETUP, NewRetention(code, 0, date(2020, 1, 1), "Essai"))
        drawn.append(draw_up_purge(records, SETUP, code))
    assert drawn[0] is not None
    assert drawn[1] is not None
    with records.read() as session:
        family, child = session.execute(
            select(Family.ref, Person.ref)
            .join(FamilyMember, FamilyMember.family_id == Family.id)
            .join(Person, Person.id == FamilyMember.person_id)
            .where(FamilyMember.role == "child")
            .order_by(Family.ref)
        ).first() or ("", "")
    order = order_purge(records, SETUP, drawn[1], "Essai")
    records.close()
    return {"LISTE": drawn[0], "ORDRE": order, "FAMILLE": family, "ENFANT": child}


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.split()[0] in NOT_HERE])
def test_the_other_examples_are_well_formed(example: str) -> None:
    command, words = get_command(app), shlex.split(example)
    while sub := getattr(command, "commands", {}).get(words[0] if words else ""):
        command, words = sub, words[1:]
    assert command.make_context("marelle", words).params
