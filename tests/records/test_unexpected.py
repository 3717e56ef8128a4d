"""From a typed name or an unknown badge to a child who is enrolled: the worklist, and what empties it."""

from dataclasses import replace

import pytest

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.operations.attendance import presence_now
from records.operations.devices import revoke_device
from records.operations.unexpected import (
    Attachment,
    UnexpectedPresence,
    attach_presence,
    unexpected_presences,
)
from tests.factories.ingest import Terminal
from tests.factories.people import a_badge, a_family, a_tap, a_terminal, an_enrolment, new_enrolment
from tests.factories.town import CANTEEN, EVENING, LEISURE, OTHER_SCHOOL, SCHOOL, TODAY, HandClock, place_ids

COORDINATOR = Actor("Claire", (Grant("coordinator"),))
BADGE = "04BEEF"


@pytest.fixture
def terminal(town: Records, clock: HandClock) -> Terminal:
    """A terminal of the school, at nine in the evening."""
    made = a_terminal(town)
    clock.set(1260)
    return made


def worklist(records: Records) -> list[UnexpectedPresence]:
    return unexpected_presences(records, COORDINATOR, SCHOOL, TODAY, TODAY)


def test_taps_of_one_badge_or_one_name_are_one_thing_to_do(town: Records, terminal: Terminal) -> None:
    badged = [a_tap(town, terminal, minute, badge_uid=BADGE) for minute in (1000, 1090)]
    named = [a_tap(town, terminal, minute, kind="roll_call", typed_name=name) for minute, name in
             ((705, "Zoé Petit"), (715, "ZOE petit"))]  # fmt: skip
    assert [(each.reason, each.tap_ids, each.first_minute) for each in worklist(town)] == [
        ("typed_name", tuple(named), 705),
        ("unknown_badge", tuple(badged), 1000),
    ]


def test_presence_attached_and_enrolled_at_once_is_that_childs(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    taps = tuple(a_tap(town, terminal, minute, badge_uid=BADGE) for minute in (1000, 1090))
    enrolment = new_enrolment(family, EVENING, valid_from=TODAY)
    found = attach_presence(town, COORDINATOR, Attachment(taps, family.child, "badge prêté", None, enrolment))
    assert found.is_enrolled
    assert worklist(town) == []
    board = presence_now(town, COORDINATOR, TODAY, town.clock())
    evening = next(each for each in board.services if each.service_ref == EVENING and each.structure_ref == SCHOOL)
    (child,) = evening.children
    assert (child.child_ref, child.arrived_minute, child.left_minute) == (family.child, 1000, 1090)


def test_child_attached_without_an_enrolment_stays_on_the_list_by_name(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    tap_id = a_tap(town, terminal, 705, kind="roll_call", typed_name="Léa")
    assert not attach_presence(town, COORDINATOR, Attachment((tap_id,), family.child, "reconnue")).is_enrolled
    (left,) = worklist(town)
    assert (left.reason, left.child_ref, left.service_ref) == ("not_enrolled", family.child, CANTEEN)
    an_enrolment(town, family, valid_from=TODAY)
    assert worklist(town) == []


def test_nothing_is_written_when_the_enrolment_is_refused(town: Records, terminal: Terminal) -> None:
    family, other = a_family(town), a_family(town, "Petit", children=("Tom",))
    tap_id = a_tap(town, terminal, 705, kind="roll_call", typed_name="Léa")
    attachment = Attachment((tap_id,), family.child, "reconnue", None, new_enrolment(other, valid_from=TODAY))
    with pytest.raises(InvalidData, match="celle de cet enfant à ce service, en cours le mardi 24 novembre 2026"):
        attach_presence(town, COORDINATOR, attachment)
    an_enrolment(town, family, ref="already")
    with pytest.raises(InvalidData, match="chevauchent"):
        attach_presence(town, COORDINATOR, replace(attachment, enrolment=new_enrolment(family, valid_from=TODAY)))
    assert worklist(town)[0].tap_ids == (tap_id,)


def test_tap_that_has_its_child_or_cannot_be_believed_is_not_attached(
    town: Records, terminal: Terminal, clock: HandClock
) -> None:
    family = a_family(town)
    known = a_tap(town, terminal, 1000, badge_uid=a_badge(town, family.child))
    with pytest.raises(InvalidData, match="déjà celui d'un enfant"):
        attach_presence(town, COORDINATOR, Attachment((known,), family.child, "reconnue"))
    with pytest.raises(InvalidData, match="n'existe pas"):
        attach_presence(town, COORDINATOR, Attachment(("0" * 32,), family.child, "reconnue"))
    clock.set(0)
    revoke_device(town, SETUP, terminal.device_ref)
    distrusted = a_tap(town, terminal, 1010, badge_uid=BADGE)
    with pytest.raises(InvalidData, match="borne retirée du service"):
        attach_presence(town, COORDINATOR, Attachment((distrusted,), family.child, "reconnue"))


def test_service_is_asked_for_where_the_hour_does_not_tell(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    night = a_tap(town, terminal, 1230, badge_uid=BADGE)
    with pytest.raises(InvalidData, match="dites duquel il s'agit"):
        attach_presence(town, COORDINATOR, Attachment((night,), family.child, "reconnue"))
    with pytest.raises(InvalidData, match="n'était pas ouvert ce jour-là"):
        attach_presence(town, COORDINATOR, Attachment((night,), family.child, "reconnue", LEISURE))
    assert attach_presence(town, COORDINATOR, Attachment((night,), family.child, "reconnue", EVENING)).decision_ids


def test_coordinator_of_another_school_attaches_nothing_here(town: Records, terminal: Terminal) -> None:
    family = a_family(town)
    tap_id = a_tap(town, terminal, 705, kind="roll_call", typed_name="Léa")
    elsewhere = Actor("Anne", (Grant("coordinator", place_ids(town)[OTHER_SCHOOL]),))
    with pytest.raises(NotAllowed):
        attach_presence(town, elsewhere, Attachment((tap_id,), family.child, "reconnue"))
