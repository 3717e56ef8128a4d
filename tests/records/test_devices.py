"""Terminals, badges and agents' codes."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AgentCode, AuditEntry, BadgeAssignment, BadgeChild, Device, Structure
from records.operations.accounts import NewGrant, grant_role
from records.operations.devices import (
    CODE_ALPHABET,
    CODE_LENGTH,
    CODE_LIFETIME_SECONDS,
    NewAgentCode,
    NewBadge,
    NewDevice,
    assign_badges,
    authenticate_device,
    end_badge,
    enrol_device,
    list_devices,
    register_device,
    renew_device_code,
    revoke_device,
    set_agent_codes,
)
from tests.factories.people import a_badge, a_family, a_terminal, an_account
from tests.factories.town import OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock

DEVICE = NewDevice("borne-1", "Borne du hall", SCHOOL, "badge")
CODE = NewAgentCode("agent-1", "claire", SCHOOL, "246810", START)
REFUSED = "inconnu, déjà utilisé ou périmé"


def test_code_has_eight_characters_that_nobody_confuses(town: Records) -> None:
    code = register_device(town, SETUP, DEVICE)
    assert len(code) == CODE_LENGTH == 8
    assert set(code) <= set(CODE_ALPHABET)
    assert not set("ILO01") & set(CODE_ALPHABET)


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}-{2}", "{1} {2}"])
def test_code_opens_however_it_is_typed(town: Records, typed: str) -> None:
    code = register_device(town, SETUP, DEVICE)
    enrolled = enrol_device(town, typed.format(code, code[:4].lower(), code[4:].lower()))
    assert (enrolled.device_ref, enrolled.structure_ref, enrolled.label) == ("borne-1", SCHOOL, "Borne du hall")


def test_code_opens_once(town: Records) -> None:
    code = register_device(town, SETUP, DEVICE)
    enrol_device(town, code)
    with pytest.raises(NotAllowed, match=REFUSED):
        enrol_device(town, code)


def test_code_opens_nothing_after_two_days(town: Records, clock: HandClock) -> None:
    code = register_device(town, SETUP, DEVICE)
    clock.now += CODE_LIFETIME_SECONDS * 1_000_000
    with pytest.raises(NotAllowed, match=REFUSED):
        enrol_device(town, code)


def test_wrong_code_opens_nothing_and_changes_nothing(town: Records) -> None:
    register_device(town, SETUP, DEVICE)
    before = town.change_seq()
    for code in ("AAAAAAAA", "", "0" * 32):
        with pytest.raises(NotAllowed, match=REFUSED):
            enrol_device(town, code)
    assert town.change_seq() == before


def test_secrets_are_kept_as_fingerprints_only(town: Records) -> None:
    code = register_device(town, SETUP, DEVICE)
    with town.read() as session:
        assert session.scalar(select(Device.enrol_code_hash)) == hashlib.sha256(code.encode()).hexdigest()
    token = enrol_device(town, code).token
    with town.read() as session:
        assert session.scalar(select(Device.token_hash)) == hashlib.sha256(token.encode()).hexdigest()
        written = "".join(f"{entry.old}{entry.new}" for entry in session.scalars(select(AuditEntry)))
    assert code not in written
    assert token not in written


def test_token_tells_which_terminal_it_is(town: Records) -> None:
    terminal = a_terminal(town)
    known = authenticate_device(town, terminal.token)
    assert known is not None
    assert (known.device_id, known.structure_ref, known.mode, known.is_revoked) == (
        terminal.device_id,
        SCHOOL,
        "badge",
        False,
    )
    assert authenticate_device(town, terminal.token + "x") is None


def test_revoked_terminal_is_known_as_such_until_it_is_enrolled_again(town: Records) -> None:
    terminal = a_terminal(town)
    revoke_device(town, SETUP, terminal.device_ref)
    revoke_device(town, SETUP, terminal.device_ref)
    known = authenticate_device(town, terminal.token)
    assert known is not None
    assert known.is_revoked
    token = enrol_device(town, renew_device_code(town, SETUP, terminal.device_ref)).token
    assert authenticate_device(town, terminal.token) is None
    again = authenticate_device(town, token)
    assert again is not None
    assert not again.is_revoked


def test_revoking_withdraws_a_code_not_used_yet(town: Records) -> None:
    code = register_device(town, SETUP, DEVICE)
    revoke_device(town, SETUP, DEVICE.ref)
    with pytest.raises(NotAllowed, match=REFUSED):
        enrol_device(town, code)


def test_terminal_of_an_unknown_mode_or_a_taken_ref_is_refused(town: Records) -> None:
    with pytest.raises(InvalidData, match="Mode de terminal inconnu"):
        register_device(town, SETUP, replace(DEVICE, mode="télépathie"))
    register_device(town, SETUP, DEVICE)
    with pytest.raises(InvalidData, match="déjà utilisée"):
        register_device(town, SETUP, DEVICE)


def test_administrator_of_one_school_lists_and_registers_its_terminals_alone(town: Records) -> None:
    a_terminal(town)
    a_terminal(town, "borne-2", OTHER_SCHOOL)
    with town.read() as session:
        school = session.scalars(select(Structure.id).where(Structure.ref == SCHOOL)).one()
    admin = Actor("Admin", (Grant("admin_school", school),))
    assert [line.device_ref for line in list_devices(town, admin)] == ["borne-1"]
    assert [line.device_ref for line in list_devices(town, SETUP)] == ["borne-1", "borne-2"]
    with pytest.raises(NotAllowed):
        register_device(town, admin, replace(DEVICE, ref="x", structure_ref=OTHER_SCHOOL))
    assert register_device(town, admin, replace(DEVICE, ref="y"))


def test_badge_brings_its_holder_or_the_children_named(town: Records) -> None:
    family = a_family(town, children=("Léa", "Noé"))
    a_badge(town, family.child)
    assign_badges(town, SETUP, [NewBadge("04FF", family.guardians[0], START, child_refs=family.children)])
    with town.read() as session:
        rows = session.execute(
            select(BadgeAssignment.badge_uid, BadgeChild.child_id).join(
                BadgeChild, BadgeChild.assignment_id == BadgeAssignment.id
            )
        )
        assert sorted(badge for badge, _ in rows) == ["04A1B2C3", "04FF", "04FF"]


def test_badge_has_one_holder_at_a_time(town: Records) -> None:
    family = a_family(town, children=("Léa", "Noé"))
    badge = a_badge(town, family.child)
    with pytest.raises(InvalidData, match="déjà attribué à partir du 01/09/2026"):
        a_badge(town, family.children[1], badge, TODAY)
    with pytest.raises(InvalidData, match="déjà attribué"):
        assign_badges(town, SETUP, [NewBadge("04EE", ref, START) for ref in family.children])
    end_badge(town, SETUP, badge, TODAY)
    a_badge(town, family.children[1], badge, TODAY)


def test_badge_that_is_nobodys_cannot_be_taken_back(town: Records) -> None:
    badge = a_badge(town, a_family(town).child, valid_from=TODAY)
    with pytest.raises(InvalidData, match="n'est attribué à personne"):
        end_badge(town, SETUP, badge, TODAY - timedelta(days=1))
    with pytest.raises(InvalidData, match="n'est attribué à personne"):
        end_badge(town, SETUP, "04FF", TODAY)


def test_agents_code_is_checked_offline_by_its_hash(town: Records) -> None:
    an_account(town, "claire", "agent")
    set_agent_codes(town, SETUP, [CODE], iterations=10)
    with town.read() as session:
        algorithm, iterations, salt, digest = session.scalars(select(AgentCode.code_hash)).one().split("$")
    assert (algorithm, iterations, len(salt)) == ("pbkdf2_sha256", "10", 32)
    assert hashlib.pbkdf2_hmac("sha256", b"246810", bytes.fromhex(salt), 10).hex() == digest
    with town.read() as session:
        assert "246810" not in "".join(str(e.new) for e in session.scalars(select(AuditEntry)))


def test_new_code_ends_the_earlier_one_and_replaces_one_of_the_same_day(town: Records) -> None:
    an_account(town, "claire", "agent")
    set_agent_codes(town, SETUP, [CODE], iterations=1)
    set_agent_codes(town, SETUP, [replace(CODE, ref="agent-2", code="135790", valid_from=TODAY)], iterations=1)
    set_agent_codes(town, SETUP, [replace(CODE, ref="agent-3", code="112233", valid_from=TODAY)], iterations=1)
    with town.read() as session:
        rows = session.execute(select(AgentCode.ref, AgentCode.valid_to).order_by(AgentCode.ref))
        assert [tuple(row) for row in rows] == [("agent-1", TODAY), ("agent-3", None)]


@pytest.mark.parametrize("role", ["teacher", "kitchen", "elected", "clerk", "finance"])
def test_code_is_for_those_who_work_at_the_place(town: Records, role: str) -> None:
    an_account(town, "claire")
    grant_role(town, SETUP, "claire", NewGrant(role, START, TODAY + timedelta(days=90), SCHOOL))
    with pytest.raises(InvalidData, match="ne travaille pas dans ce lieu"):
        set_agent_codes(town, SETUP, [CODE], iterations=1)


def test_code_is_not_for_an_agent_of_another_place_or_another_time(town: Records) -> None:
    an_account(town, "claire", "agent", structure_ref=OTHER_SCHOOL)
    today = replace(CODE, valid_from=TODAY)
    with pytest.raises(InvalidData, match="Donnez-lui d'abord un rôle"):
        set_agent_codes(town, SETUP, [today], iterations=1)
    grant_role(town, SETUP, "claire", NewGrant("agent", START, TODAY, SCHOOL))
    with pytest.raises(InvalidData, match="Donnez-lui d'abord un rôle"):
        set_agent_codes(town, SETUP, [today], iterations=1)
    set_agent_codes(town, SETUP, [CODE], iterations=1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"code": "123"}, "au moins 4 chiffres"), ({"code": "abcd"}, "chiffres"), ({"login": "x"}, "Compte inconnu")],
)
def test_code_that_cannot_be_typed_or_is_nobodys_is_refused(
    town: Records, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        set_agent_codes(town, SETUP, [replace(CODE, **changes)], iterations=1)  # type: ignore[arg-type]
