"""A town where every table has at least one row: what the tests of immutability and of loading stand on."""

from typing import Any

from sqlalchemy import select

from records.actors import SETUP
from records.database import Records
from records.models import (
    Address,
    Base,
    ClassTeacher,
    CoverageEnrolment,
    CustodyHoliday,
    FamilyReview,
    Payer,
    PayingBody,
    Person,
    Placement,
    Rollover,
    RolloverLine,
    SchoolClass,
    SchoolYear,
    TapChild,
    TapQuarantine,
    TransportSeat,
    TransportStop,
)
from records.operations import accounts, attendance, bookings, devices, families, holes, jobs, ledger, tariffs
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
from tests.factories.rows import DEFAULTS, a_row
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
    bookings.book(records, SETUP, new_booking(family))
    _attendance(records, family.child)
    ledger.add_entries(records, SETUP, [ledger.NewEntry(family.payers[0], "opening", 1_250, "Report", START)])
    jobs.ask(records, SETUP, "build", {})
    an_account(records, "claire", "coordinator")
    code = devices.NewAgentCode("agent-1", "claire", SCHOOL, "246810", START)
    devices.set_agent_codes(records, SETUP, [code], iterations=1)
    logged_in(records)
    _failed_log_in(records)
    fill_the_rest(records)


def fill_the_rest(records: Records) -> None:
    """Write one row of each table that no operation above has written."""
    payers = _ids(records, Payer)
    people, classes = _ids(records, Person), _ids(records, SchoolClass)
    stops = [a_row(records, TransportStop, position=position).id for position in (1, 2)]
    own: dict[type[Base], dict[str, Any]] = {
        Address: {"person_id": people[0]},
        CoverageEnrolment: {},
        ClassTeacher: {},
        CustodyHoliday: {"first_payer_id": payers[0], "second_payer_id": payers[1]},
        FamilyReview: {},
        Placement: {"carer_body_id": _ids(records, PayingBody)[0]},
        Rollover: {"to_year_id": a_row(records, SchoolYear).id},
        RolloverLine: {"from_class_id": classes[0]},
        TapChild: {},
        TransportSeat: {"boards_at_id": stops[0], "alights_at_id": stops[1]},
    }
    models: set[type[Base]] = {*DEFAULTS, *own}
    for model in sorted(models, key=lambda each: str(each.__tablename__)):
        with records.read() as session:
            is_empty = session.scalar(select(model).limit(1)) is None
        if is_empty or model in own:
            a_row(records, model, **own.get(model, {}))


def _ids(records: Records, model: type[Base]) -> list[int]:
    with records.read() as session:
        return list(session.scalars(select(model.__table__.c.id).order_by(model.__table__.c.id)))


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
