"""Personal accounts, roles by date, sessions, and what guessing meets."""

import hashlib
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from domain.errors import InvalidData, NotAllowed
from records.actors import RIGHTS_OF_ROLE, SETUP, Right
from records.database import Records
from records.models import Account, AuditEntry, LoginAttempt, Session
from records.models.accounts import ROLES
from records.operations.accounts import (
    ABSOLUTE_MINUTES,
    IDLE_MINUTES,
    LogInRefused,
    NewAccount,
    NewGrant,
    actor_of_session,
    create_account,
    create_accounts,
    grant_role,
    log_in,
    log_out,
)
from records.operations.attempts import FREE_ATTEMPTS, WAIT_SECONDS_MAX
from tests.factories.people import CHEAP, PASSWORD, a_family, an_account, logged_in
from tests.factories.town import SCHOOL, START, TODAY, HandClock

MINUTE, SECOND = 60_000_000, 1_000_000
ACCOUNT = NewAccount("claire", "Claire Martin", PASSWORD, (NewGrant("coordinator", START),))


@pytest.fixture
def claire(town: Records) -> Records:
    """The town with one coordinator."""
    an_account(town, "claire", "coordinator")
    return town


def guess(records: Records, login: str = "claire", times: int = 1, now: int = HandClock().now) -> list[str]:
    """Try a wrong password; returns what was said each time, with ordinary spaces."""
    said = []
    for _ in range(times):
        with pytest.raises(LogInRefused) as refusal:
            log_in(records, login, "Ce n'est pas celui-là", now, CHEAP)
        said.append(refusal.value.message.replace("\u00a0", " "))
    return said


def token_of(records: Records, clock: HandClock) -> str:
    """Log Claire in; returns her token."""
    return log_in(records, "claire", PASSWORD, clock(), CHEAP)[0]


def test_every_role_of_the_database_has_its_rights() -> None:
    assert set(ROLES) == set(RIGHTS_OF_ROLE)


def test_log_in_says_who_acts_and_what_they_may(claire: Records) -> None:
    actor = logged_in(claire, " Claire ")
    assert (actor.name, actor.person_id) == ("Claire", None)
    assert actor.may(Right.EDIT_FAMILIES)
    assert not actor.may(Right.ADMINISTER)


def test_password_and_token_are_kept_as_fingerprints_only(claire: Records, clock: HandClock) -> None:
    token = token_of(claire, clock)
    with claire.read() as session:
        assert session.scalars(select(Account.password_hash)).one().startswith("$argon2id$")
        assert session.scalars(select(Session.token_hash)).one() == hashlib.sha256(token.encode()).hexdigest()
        written = "".join(str(entry.new) for entry in session.scalars(select(AuditEntry)))
    assert PASSWORD not in written
    assert len(token) >= 43  # 256 bits in base64


def test_role_holds_from_its_first_day_to_before_its_last(town: Records) -> None:
    tomorrow = TODAY + timedelta(days=1)
    grants = (
        NewGrant("kitchen", TODAY, tomorrow),
        NewGrant("finance", tomorrow),
        NewGrant("teacher", START, TODAY),
        NewGrant("agent", START, structure_ref=SCHOOL),
    )
    create_account(town, SETUP, replace(ACCOUNT, grants=grants), CHEAP)
    actor = logged_in(town)
    assert [grant.role for grant in actor.grants] == ["kitchen", "agent"]
    assert not actor.may(Right.SEE_PRESENCE)
    assert actor.may(Right.SEE_PRESENCE, actor.grants[1].structure_id)


def test_role_granted_later_counts_at_the_next_request(claire: Records, clock: HandClock) -> None:
    token = token_of(claire, clock)
    grant_role(claire, SETUP, "CLAIRE", NewGrant("super_admin", TODAY))
    actor = actor_of_session(claire, token)
    assert actor is not None
    assert actor.may(Right.ADMINISTER)


def test_family_account_is_an_adults(town: Records) -> None:
    family = a_family(town)
    an_account(town, "anne", "family", person_ref=family.guardians[0])
    actor = logged_in(town, "anne")
    assert actor.person_id is not None
    assert actor.may(Right.SEE_OWN_FAMILY)
    with pytest.raises(InvalidData, match="appartient à un adulte"):
        an_account(town, "autre", "family")


def test_unknown_name_and_wrong_password_are_told_the_same(claire: Records) -> None:
    assert guess(claire, "claire") == guess(claire, "personne")


def test_guessing_waits_longer_and_longer_for_known_and_unknown_names_alike(claire: Records) -> None:
    for login in ("claire", "personne"):
        said = guess(claire, login, FREE_ATTEMPTS + 2)
        assert ["Connexion refusée" in message for message in said] == [True] * FREE_ATTEMPTS + [False] * 2
        assert said[-1].endswith("Réessayez dans 1 minute.")
    now = HandClock().now + 30 * SECOND
    assert "Connexion refusée" in guess(claire, now=now)[0]
    assert "bloquée" in guess(claire, now=now + 59 * SECOND)[0]
    assert "Connexion refusée" in guess(claire, now=now + 60 * SECOND)[0]


def test_right_password_waits_too_and_then_opens_and_forgets(claire: Records) -> None:
    guess(claire, times=FREE_ATTEMPTS)
    now = HandClock().now
    with pytest.raises(LogInRefused, match="Trop d'essais"):
        log_in(claire, "claire", PASSWORD, now + 29 * SECOND, CHEAP)
    log_in(claire, "claire", PASSWORD, now + 30 * SECOND, CHEAP)
    with claire.read() as session:
        assert session.scalar(select(LoginAttempt)) is None


def test_guesses_at_once_wait_like_guesses_in_turn(claire: Records) -> None:
    said: list[str] = []
    threads = [threading.Thread(target=lambda: said.extend(guess(claire))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 12
    assert sum("Connexion refusée" in message for message in said) == FREE_ATTEMPTS


def test_wait_has_a_limit(claire: Records) -> None:
    now = HandClock().now
    for _ in range(20):
        now += WAIT_SECONDS_MAX * SECOND
        guess(claire, now=now)
    _, actor = log_in(claire, "claire", PASSWORD, now + WAIT_SECONDS_MAX * SECOND, CHEAP)
    assert actor.name == "Claire"


def test_names_people_tried_are_not_readable_and_go_after_a_day(claire: Records) -> None:
    guess(claire, "MonMotDePasse!")
    with claire.read() as session:
        assert session.scalars(select(LoginAttempt.login_hash)).one() == (
            hashlib.sha256(b"monmotdepasse!").hexdigest()
        )
    log_in(claire, "claire", PASSWORD, HandClock().now + 24 * 60 * MINUTE + SECOND, CHEAP)
    with claire.read() as session:
        assert session.scalar(select(LoginAttempt)) is None


def test_logging_in_and_out_moves_no_watermark(claire: Records, clock: HandClock) -> None:
    before = claire.change_seq()
    log_out(claire, token_of(claire, clock))
    assert claire.change_seq() == before


def test_session_ends_after_thirty_idle_minutes(claire: Records, clock: HandClock) -> None:
    token = token_of(claire, clock)
    clock.now += (IDLE_MINUTES - 1) * MINUTE
    assert actor_of_session(claire, token) is not None
    clock.now += (IDLE_MINUTES - 1) * MINUTE
    assert actor_of_session(claire, token) is not None
    clock.now += IDLE_MINUTES * MINUTE
    assert actor_of_session(claire, token) is None


def test_page_that_refreshes_by_itself_does_not_keep_a_session_open(claire: Records, clock: HandClock) -> None:
    token = token_of(claire, clock)
    for _ in range(3):
        clock.now += 9 * MINUTE
        assert actor_of_session(claire, token, is_activity=False) is not None
    clock.now += 3 * MINUTE
    assert actor_of_session(claire, token) is None


def test_session_ends_after_twelve_hours_of_work(claire: Records, clock: HandClock) -> None:
    token = token_of(claire, clock)
    for _ in range(ABSOLUTE_MINUTES // 20 - 1):
        clock.now += 20 * MINUTE
        assert actor_of_session(claire, token) is not None
    clock.now += 20 * MINUTE
    assert actor_of_session(claire, token) is None


def test_closed_and_invented_sessions_are_nobodys(claire: Records, clock: HandClock) -> None:
    token = token_of(claire, clock)
    log_out(claire, token)
    assert actor_of_session(claire, token) is None
    assert actor_of_session(claire, "invented") is None
    log_out(claire, "invented")


def test_disabled_account_is_out_at_once(claire: Records, clock: HandClock) -> None:
    token = token_of(claire, clock)
    with claire.write(SETUP, "disable") as write:
        write.session.execute(update(Account).values(disabled_at=clock()))
    assert actor_of_session(claire, token) is None
    with pytest.raises(LogInRefused, match="Connexion refusée"):
        log_in(claire, "claire", PASSWORD, clock(), CHEAP)


def test_log_in_clears_away_sessions_that_have_ended(claire: Records, clock: HandClock) -> None:
    token_of(claire, clock)
    clock.now += IDLE_MINUTES * MINUTE
    token_of(claire, clock)
    with claire.read() as session:
        assert len(session.scalars(select(Session)).all()) == 1


def test_log_in_before_the_collectivity_is_described_says_so(records: Records, clock: HandClock) -> None:
    create_account(records, SETUP, replace(ACCOUNT, grants=()), CHEAP)
    with pytest.raises(NotAllowed, match="installation n'est pas terminée"):
        log_in(records, "claire", PASSWORD, clock(), CHEAP)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "trop court"}, "au moins 12 caractères"),
        ({"password": "123456789012"}, "tous des chiffres"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "variés"),
        ({"password": "Bonjour Claire !"}, "ne doit pas contenir l'identifiant"),
        ({"password": "x1" * 101}, "Mot de passe"),
        ({"login": "  "}, "un identifiant et un nom"),
        ({"grants": (NewGrant("roi", START),)}, "Rôle inconnu"),
    ],
)
def test_account_that_would_be_weak_or_wrong_is_refused(
    town: Records, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        create_account(town, SETUP, replace(ACCOUNT, **changes), CHEAP)  # type: ignore[arg-type]


def test_login_is_one_persons_whatever_its_case(claire: Records) -> None:
    with pytest.raises(InvalidData, match="Identifiant déjà utilisé"):
        create_account(claire, SETUP, replace(ACCOUNT, login="CLAIRE"), CHEAP)
    twins = [replace(ACCOUNT, login="anne"), replace(ACCOUNT, login="Anne")]
    with pytest.raises(InvalidData, match="Identifiant déjà utilisé"):
        create_accounts(claire, SETUP, twins, CHEAP)


def test_role_for_nobody_or_of_no_kind_is_refused(claire: Records) -> None:
    with pytest.raises(InvalidData, match="Compte inconnu"):
        grant_role(claire, SETUP, "personne", NewGrant("agent", date(2026, 9, 1)))
    with pytest.raises(InvalidData, match="Rôle inconnu"):
        grant_role(claire, SETUP, "claire", NewGrant("roi", date(2026, 9, 1)))
