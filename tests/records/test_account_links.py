"""Links to choose a password: once, for a time, and nothing that tells which names exist."""

import threading

import pytest
from sqlalchemy import select

from domain.errors import InvalidData
from records.actors import SETUP
from records.database import Records
from records.models import Account, AccountLink, AuditEntry
from records.operations.account_links import (
    ACTIVATE_MINUTES,
    ASK_AGAIN_MINUTES,
    RESET_MINUTES,
    LinkRefused,
    account_of_link,
    ask_for_reset,
    reset_account,
    use_link,
)
from records.operations.accounts import (
    NewGrant,
    NewInvitation,
    disable_account,
    invite,
    invite_family,
    list_accounts,
)
from records.operations.sessions import actor_of_session
from records.operations.sign_in import FREE_ATTEMPTS, LogInRefused, log_in
from tests.factories.people import CHEAP, PASSWORD, a_family, an_account
from tests.factories.town import START, HandClock

MINUTE = 60_000_000
CHOSEN = "un-cerisier-sous-la-pluie"
INVITATION = NewInvitation("Claire", "Claire Martin", "claire@exemple.test", (NewGrant("agent", START),))


def test_invited_person_chooses_a_password_once_and_logs_in(town: Records, clock: HandClock) -> None:
    link = invite(town, SETUP, INVITATION)
    assert account_of_link(town, link.token) == "claire"
    assert use_link(town, link.token, CHOSEN, CHEAP) == "claire"
    _, actor = log_in(town, "claire", CHOSEN, clock(), CHEAP)
    assert [grant.role for grant in actor.grants] == ["agent"]
    with pytest.raises(LinkRefused, match="déjà servi"):
        use_link(town, link.token, "un-autre-mot-de-passe", CHEAP)


def test_of_two_uses_at_once_one_is_refused(town: Records) -> None:
    link = invite(town, SETUP, INVITATION)
    said: list[str] = []

    def choose(password: str) -> None:
        try:
            said.append(use_link(town, link.token, password, CHEAP))
        except LinkRefused:
            said.append("refused")

    threads = [threading.Thread(target=choose, args=(f"{CHOSEN}-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["claire", "refused", "refused", "refused"]


def test_invited_account_has_no_password_until_then(town: Records, clock: HandClock) -> None:
    invite(town, SETUP, INVITATION)
    for guess in ("", "!", PASSWORD):
        with pytest.raises(LogInRefused, match="Connexion refusée"):
            log_in(town, "claire", guess, clock(), CHEAP)
    assert [each.is_activated for each in list_accounts(town, SETUP)] == [False]


def test_link_is_kept_as_a_fingerprint_and_no_password_is_in_the_audit(town: Records) -> None:
    link = invite(town, SETUP, INVITATION)
    use_link(town, link.token, CHOSEN, CHEAP)
    with town.read() as session:
        assert session.scalars(select(AccountLink.token_hash)).one() != link.token
        written = "".join(f"{entry.old}{entry.new}" for entry in session.scalars(select(AuditEntry)))
        assert session.scalars(select(Account.password_hash)).one().startswith("$argon2id$")
    assert link.token not in written
    assert CHOSEN not in written
    assert "argon2" not in written


def test_link_ends_with_its_time(town: Records, clock: HandClock) -> None:
    link = invite(town, SETUP, INVITATION)
    clock.now += ACTIVATE_MINUTES * MINUTE - 1
    assert account_of_link(town, link.token) == "claire"
    clock.now += 1
    with pytest.raises(LinkRefused):
        use_link(town, link.token, CHOSEN, CHEAP)


def test_weak_password_is_refused_and_the_link_still_works(town: Records) -> None:
    link = invite(town, SETUP, INVITATION)
    with pytest.raises(InvalidData, match="identifiant, le nom"):
        use_link(town, link.token, "Martin-chante-fort", CHEAP)
    assert use_link(town, link.token, CHOSEN, CHEAP) == "claire"


def test_forgotten_password_is_changed_by_its_owners_mail(town: Records, clock: HandClock) -> None:
    use_link(town, invite(town, SETUP, INVITATION).token, CHOSEN, CHEAP)
    session_token, _ = log_in(town, "claire", CHOSEN, clock(), CHEAP)
    link = ask_for_reset(town, " CLAIRE ")
    assert link is not None
    assert (link.email, link.purpose) == ("claire@exemple.test", "reset")
    assert actor_of_session(town, session_token) is not None
    use_link(town, link.token, "trois-moineaux-au-soleil", CHEAP)
    assert actor_of_session(town, session_token) is None
    with pytest.raises(LogInRefused):
        log_in(town, "claire", CHOSEN, clock(), CHEAP)
    log_in(town, "claire", "trois-moineaux-au-soleil", clock(), CHEAP)


def test_forgotten_password_link_lasts_an_hour_and_is_not_sent_again_at_once(
    town: Records, clock: HandClock
) -> None:
    invite(town, SETUP, INVITATION)
    clock.now += ASK_AGAIN_MINUTES * MINUTE
    link = ask_for_reset(town, "claire")
    assert link is not None
    assert ask_for_reset(town, "claire") is None
    clock.now += ASK_AGAIN_MINUTES * MINUTE
    newer = ask_for_reset(town, "claire")
    assert newer is not None
    with pytest.raises(LinkRefused):
        account_of_link(town, link.token)
    clock.now += RESET_MINUTES * MINUTE
    with pytest.raises(LinkRefused):
        account_of_link(town, newer.token)


def test_nobody_unknown_closed_or_without_mail_is_sent_a_link(town: Records) -> None:
    an_account(town, "sansmail", "super_admin")
    invite(town, SETUP, INVITATION)
    disable_account(town, SETUP, "claire")
    assert [ask_for_reset(town, login) for login in ("personne", "sansmail", "claire")] == [None] * 3


def test_choosing_a_password_forgets_the_failed_attempts(town: Records, clock: HandClock) -> None:
    link = invite(town, SETUP, INVITATION)
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(LogInRefused):
            log_in(town, "claire", "Ce n'est pas celui-là", clock(), CHEAP)
    use_link(town, link.token, CHOSEN, CHEAP)
    log_in(town, "claire", CHOSEN, clock(), CHEAP)


def test_reset_by_an_administrator_ends_sessions_and_password_at_once(town: Records, clock: HandClock) -> None:
    use_link(town, invite(town, SETUP, INVITATION).token, CHOSEN, CHEAP)
    token, _ = log_in(town, "claire", CHOSEN, clock(), CHEAP)
    link = reset_account(town, SETUP, "claire")
    assert actor_of_session(town, token) is None
    with pytest.raises(LogInRefused):
        log_in(town, "claire", CHOSEN, clock(), CHEAP)
    with pytest.raises(InvalidData, match="déjà eu ce mot de passe"):
        use_link(town, link.token, CHOSEN, CHEAP)
    use_link(town, link.token, "trois-moineaux-au-soleil", CHEAP)
    log_in(town, "claire", "trois-moineaux-au-soleil", clock(), CHEAP)


def test_family_is_invited_by_its_mail(town: Records, clock: HandClock) -> None:
    family = a_family(town)
    link = invite_family(town, SETUP, family.guardians[0], "Anne@Exemple.test", START)
    use_link(town, link.token, CHOSEN, CHEAP)
    _, actor = log_in(town, "anne@exemple.test", CHOSEN, clock(), CHEAP)
    assert actor.person_id is not None
    with pytest.raises(InvalidData, match="pas une adresse"):
        invite_family(town, SETUP, family.guardians[0], "anne", START)
    with pytest.raises(InvalidData, match="déjà utilisé"):
        invite_family(town, SETUP, family.guardians[0], "anne@exemple.test", START)
