"""A town where every table has at least one row: what the tests of immutability and of loading stand on."""

from records.actors import SETUP
from records.database import Records
from records.models import TapQuarantine
from records.operations import accounts, attendance, devices, enrolments, families, holes, jobs, ledger, tariffs
from tests.factories.people import (
    CHEAP,
    PASSWORD,
    a_badge,
    a_family,
    a_hole,
    a_tap,
    a_terminal,
    an_account,
    an_enrolment,
    logged_in,
    new_booking,
    new_custody,
)
from tests.factories.town import NOW, SCHOOL, START, TODAY, canteen_tariff, make_town


def fill_every_table(records: Records) -> None:
    """Make the town and put something in each table."""
    make_town(records)
    tariffs.publish_tariff(records, SETUP, canteen_tariff())
    family = a_family(records, guardians=2, diet="panier_repas", qf_e2=34_900)
    note = families.NewHealthNote("allergy", "Arachide", START)
    child = families.NewPerson("petit-tom", "Tom", "Petit", birth_date=START.replace(year=2019))
    members = (families.NewMember(child, "child", health_notes=(note,)),)
    payers = (families.NewPayer("petit-payeur", body_name="Département"),)
    families.create_family(records, SETUP, families.NewFamily("petit", "Petit", "Ville", START, members, payers))
    families.add_custody_calendar(records, SETUP, new_custody(family))
    an_enrolment(records, family)
    enrolments.book(records, SETUP, new_booking(family))
    _attendance(records, family.child)
    ledger.add_entries(records, SETUP, [ledger.NewEntry(family.payers[0], "opening", 1_250, "Report", START)])
    jobs.ask(records, SETUP, "build", {})
    an_account(records, "claire", "coordinator")
    code = devices.NewAgentCode("agent-1", "claire", SCHOOL, "246810", START)
    devices.set_agent_codes(records, SETUP, [code], iterations=1)
    logged_in(records)
    _failed_log_in(records)


def _attendance(records: Records, child_ref: str) -> None:
    terminal, badge = a_terminal(records), a_badge(records, child_ref)
    a_tap(records, terminal, 700, badge_uid=badge)
    decision = attendance.Decision(child_ref, "cantine", SCHOOL, TODAY, "absent_justified", "certificat")
    attendance.decide(records, SETUP, decision)
    a_hole(records, terminal)
    (hole,) = holes.open_holes(records, SETUP, NOW)
    holes.settle_hole(records, SETUP, hole, "declared_closed", "borne détruite")
    with records.write(SETUP, "quarantine") as write:
        write.session.add(
            TapQuarantine(content=b"{", content_hash="0" * 64, reason="malformed", detail="", received_at=write.now)
        )


def _failed_log_in(records: Records) -> None:
    try:
        accounts.log_in(records, "nobody", PASSWORD, records.clock(), CHEAP)
    except accounts.LogInRefused:
        return
    raise AssertionError("nobody logged in")
