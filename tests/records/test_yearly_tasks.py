"""The yearly calendar of tasks: kept by those who hold the right, asked for in time, done once, reminded of."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.errors import Conflict, InvalidData, NotAllowed, NotFound
from records.actors import RIGHTS_OF_ROLE, SETUP, Actor, Grant, Right
from records.database import Records
from records.models import AuditEntry, MessageOutbox, YearlyTaskMark
from records.operations.accounts import NewGrant, invite
from records.operations.accounts import NewInvitation as Invitation
from records.operations.caf_settings import NewCafSetting, set_caf
from records.operations.messages import waiting_messages
from records.operations.yearly_tasks import (
    TASK_RIGHTS,
    NewTask,
    TaskMark,
    add_task,
    due_tasks,
    edit_task,
    mark_task,
    propose_tasks,
    remind_of_tasks,
    yearly_tasks,
)
from tests.factories.town import CENTRE, OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock, place_ids

DUE = TODAY + timedelta(days=10)
HOLIDAYS = NewTask("vacances", "Importer les vacances", DUE.month, DUE.day, "edit_reference", START, "Commande", 15)
FINANCE = Actor("Finances", (Grant("finance"),))
ADMIN = Actor("Chef", (Grant("admin_school"),))


def due_of(records: Records, actor: Actor = SETUP) -> list[tuple[str, date, bool]]:
    """Return what is asked for: the task, its day, whether it is late."""
    return [(task.ref, task.due_on, task.is_late) for task in due_tasks(records, actor)]


def holder(records: Records, login: str, role: str, structure_ref: str | None = None) -> None:
    """Open an account with a role, whose own link has left."""
    grant = NewGrant(role, START, structure_ref=structure_ref)
    invite(records, SETUP, Invitation(login, login.capitalize(), f"{login}@exemple.test", (grant,)))
    with records.write(SETUP, "sent") as write:
        for row in write.session.scalars(select(MessageOutbox)):
            row.state = "sent"


def told(records: Records) -> list[tuple[str, str, bool]]:
    """Return the kind, the address and the lateness of each message that waits."""
    return [(each.kind, each.address, each.content["is_late"]) for each in waiting_messages(records, SETUP)]


def test_a_task_is_asked_for_from_its_notice_until_it_is_done(town: Records, clock: HandClock) -> None:
    add_task(town, SETUP, HOLIDAYS)
    clock.set(480, DUE - timedelta(days=16))
    assert due_of(town) == []
    clock.set(480, DUE - timedelta(days=15))
    assert due_of(town) == [("vacances", DUE, False)]
    clock.set(480, DUE + timedelta(days=1))
    assert due_of(town) == [("vacances", DUE, True)]
    assert mark_task(town, SETUP, TaskMark("vacances")) == DUE
    assert due_of(town) == []


def test_a_task_done_comes_back_the_next_year(town: Records, clock: HandClock) -> None:
    add_task(town, SETUP, HOLIDAYS)
    mark_task(town, SETUP, TaskMark("vacances"))
    clock.set(480, DUE.replace(year=DUE.year + 1))
    assert due_of(town) == [("vacances", DUE.replace(year=DUE.year + 1), False)]


def test_what_was_noted_by_mistake_is_taken_back_by_another_row(town: Records) -> None:
    add_task(town, SETUP, HOLIDAYS)
    mark_task(town, SETUP, TaskMark("vacances", comment="Fait avec l'école"))
    mark_task(town, SETUP, TaskMark("vacances", is_done=False))
    assert due_of(town) == [("vacances", DUE, False)]
    with town.read() as session:
        rows = session.scalars(select(YearlyTaskMark).order_by(YearlyTaskMark.seq)).all()
    assert [(row.seq, row.is_done, row.comment) for row in rows] == [
        (1, True, "Fait avec l'école"),
        (2, False, None),
    ]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (TaskMark("vacances", is_done=False), "pas encore"),
        (TaskMark("vacances", due_on=DUE + timedelta(days=1)), "ne tombe pas"),
    ],
)
def test_what_cannot_be_noted_is_refused(town: Records, mark: TaskMark, said: str) -> None:
    add_task(town, SETUP, HOLIDAYS)
    with pytest.raises(InvalidData, match=said):
        mark_task(town, SETUP, mark)


def test_a_task_is_noted_done_once(town: Records) -> None:
    add_task(town, SETUP, HOLIDAYS)
    mark_task(town, SETUP, TaskMark("vacances"))
    with pytest.raises(InvalidData, match="déjà noté"):
        mark_task(town, SETUP, TaskMark("vacances", due_on=DUE))
    with pytest.raises(NotFound):
        mark_task(town, SETUP, TaskMark("inconnue"))


def test_each_sees_and_notes_the_tasks_of_their_own_rights(town: Records) -> None:
    add_task(town, SETUP, HOLIDAYS)
    add_task(town, SETUP, replace(HOLIDAYS, ref="msa", held_right="claim_coverages"))
    assert [ref for ref, _, _ in due_of(town, FINANCE)] == ["msa"]
    assert [ref for ref, _, _ in due_of(town, ADMIN)] == ["vacances", "msa"]
    with pytest.raises(NotAllowed):
        mark_task(town, FINANCE, TaskMark("vacances"))
    mark_task(town, FINANCE, TaskMark("msa"))
    assert [ref for ref, _, _ in due_of(town, ADMIN)] == ["vacances"]


def test_whoever_may_have_a_task_may_read_the_list() -> None:
    for rights in RIGHTS_OF_ROLE.values():
        assert not rights & set(TASK_RIGHTS) or Right.SEE_FAMILIES in rights


def test_an_edited_task_keeps_the_old_values_in_the_audit(town: Records) -> None:
    add_task(town, SETUP, HOLIDAYS)
    assert edit_task(town, SETUP, "vacances", {"due_day": 1, "notice_days": 3}, 1)
    (kept,) = yearly_tasks(town, SETUP)
    assert (kept.what.due_day, kept.what.notice_days, kept.row_version) == (1, 3, 2)
    with town.read() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.operation == "edit_task")).one()
    assert json.loads(row.old or "") == {"due_day": DUE.day, "notice_days": 15}
    with pytest.raises(Conflict):
        edit_task(town, SETUP, "vacances", {"label": "Autre"}, 1)


def test_a_task_that_ended_is_asked_for_no_more(town: Records) -> None:
    add_task(town, SETUP, HOLIDAYS)
    edit_task(town, SETUP, "vacances", {"valid_to": TODAY}, 1)
    assert due_of(town) == []


@pytest.mark.parametrize(
    "changes",
    [{"due_month": 2, "due_day": 29}, {"due_month": 13}, {"notice_days": 181}, {"held_right": "see_health"}],
)
def test_a_task_that_could_not_come_back_is_refused(town: Records, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidData):
        add_task(town, SETUP, replace(HOLIDAYS, **changes))  # type: ignore[arg-type]
    add_task(town, SETUP, HOLIDAYS)
    with pytest.raises(InvalidData):
        edit_task(town, SETUP, "vacances", changes, 1)


def test_the_proposed_list_is_added_once_and_leaves_what_is_there(town: Records) -> None:
    add_task(town, SETUP, replace(HOLIDAYS, ref="doublons", label="Les nôtres"))
    first = propose_tasks(town, SETUP, TODAY)
    assert propose_tasks(town, SETUP, TODAY) == 0
    tasks = {kept.what.ref: kept.what for kept in yearly_tasks(town, SETUP)}
    assert len(tasks) == first + 1
    assert tasks["doublons"].label == "Les nôtres"
    assert tasks["msa-t4"].valid_from == TODAY


def test_whoever_holds_the_right_is_reminded_once_in_time_and_once_late(town: Records, clock: HandClock) -> None:
    add_task(town, SETUP, HOLIDAYS)
    for login, role, place in (("claire", "admin_school", None), ("luc", "coordinator", SCHOOL)):
        holder(town, login, role, place)
    assert (remind_of_tasks(town, SETUP), remind_of_tasks(town, SETUP)) == (1, 0)
    assert told(town) == [("task_due", "claire@exemple.test", False)]
    clock.set(480, DUE + timedelta(days=1))
    assert (remind_of_tasks(town, SETUP), remind_of_tasks(town, SETUP)) == (1, 0)
    assert told(town)[-1] == ("task_due", "claire@exemple.test", True)


def test_nobody_is_reminded_of_what_is_done(town: Records) -> None:
    add_task(town, SETUP, HOLIDAYS)
    holder(town, "claire", "admin_school")
    mark_task(town, SETUP, TaskMark("vacances"))
    assert remind_of_tasks(town, SETUP) == 0


CAF_TASK = replace(HOLIDAYS, ref="caf-reel", label="Envoyer le réel", held_right="declare_caf")


def two_places(town: Records) -> None:
    """Two of the three places have a convention with the CAF."""
    add_task(town, SETUP, CAF_TASK)
    for ref in (SCHOOL, OTHER_SCHOOL):
        set_caf(town, SETUP, NewCafSetting(ref, START, "Convention", authorised_places=20))


def left(town: Records, actor: Actor = SETUP) -> list[list[str]]:
    """Return the places that each task asked for still waits for."""
    return [[place.ref for place in task.places] for task in due_tasks(town, actor)]


def director(town: Records, ref: str) -> Actor:
    return Actor("Direction", (Grant("daycare_director", place_ids(town)[ref]),))


def test_deadline_of_the_caf_is_noted_place_by_place_until_none_is_left(town: Records) -> None:
    two_places(town)
    assert left(town) == [[SCHOOL, OTHER_SCHOOL]]
    mark_task(town, SETUP, TaskMark("caf-reel", structure_ref=SCHOOL))
    assert left(town) == [[OTHER_SCHOOL]]
    with pytest.raises(InvalidData, match="déjà noté"):
        mark_task(town, SETUP, TaskMark("caf-reel", structure_ref=SCHOOL))
    mark_task(town, SETUP, TaskMark("caf-reel", structure_ref=OTHER_SCHOOL))
    assert left(town) == []
    mark_task(town, SETUP, TaskMark("caf-reel", is_done=False, structure_ref=SCHOOL))
    assert left(town) == [[SCHOOL]]
    mark_task(town, SETUP, TaskMark("caf-reel"))
    assert left(town) == []


def test_each_director_sees_and_notes_their_own_place_and_never_the_whole_town(town: Records) -> None:
    two_places(town)
    here, there = director(town, SCHOOL), director(town, OTHER_SCHOOL)
    assert (left(town, here), left(town, director(town, CENTRE))) == ([[SCHOOL]], [])
    for refused in (TaskMark("caf-reel"), TaskMark("caf-reel", structure_ref=OTHER_SCHOOL)):
        with pytest.raises(NotAllowed):
            mark_task(town, here, refused)
    mark_task(town, here, TaskMark("caf-reel", structure_ref=SCHOOL))
    assert (left(town, here), left(town, there)) == ([], [[OTHER_SCHOOL]])


def test_place_without_a_convention_and_a_task_of_the_town_are_not_noted_by_place(town: Records) -> None:
    two_places(town)
    add_task(town, SETUP, HOLIDAYS)
    for mark in (TaskMark("caf-reel", structure_ref=CENTRE), TaskMark("vacances", structure_ref=SCHOOL)):
        with pytest.raises(InvalidData, match="pour tous"):
            mark_task(town, SETUP, mark)
    assert left(town) == [[SCHOOL, OTHER_SCHOOL], []]


def test_only_those_whose_place_has_not_sent_its_own_are_reminded_and_told_which(town: Records) -> None:
    two_places(town)
    holder(town, "claire", "daycare_director", SCHOOL)
    holder(town, "luc", "daycare_director", OTHER_SCHOOL)
    holder(town, "zoe", "finance")
    mark_task(town, SETUP, TaskMark("caf-reel", structure_ref=SCHOOL))
    remind_of_tasks(town, SETUP)
    found = {each.address: each.content["places"] for each in waiting_messages(town, SETUP)}
    assert found == {"luc@exemple.test": ["École du Bourg"], "zoe@exemple.test": ["École du Bourg"]}
