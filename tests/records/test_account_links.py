"""Links to choose a password: once, for a time, and nothing that tells which names exist."""

import secrets
import threading

import pytest
from sqlalchemy import delete, select, text

from domain.errors import InvalidData
from records.actors import SETUP, Actor, Grant
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
from records.operations.attempts import FREE_ATTEMPTS, FREE_ATTEMPTS_OF_ADDRESS, TooManyAttempts
from records.operations.messages import ATTEMPTS_MAX, list_messages, tick_off, waiting_messages
from records.operations.sessions import actor_of_session
from records.operations.sign_in import LogInRefused, log_in
from tests.factories.people import CHEAP, PASSWORD, a_family, an_account, logged_in, token_of
from tests.factories.town import START, HandClock

MINUTE = 60_000_000
CHOSEN = "un-cerisier-sous-la-pluie"
INVITATION = NewInvitation("Claire", "Claire Martin", "claire@exemple.test", (NewGrant("agent", START),))


def tokens_posted(records: Records) -> list[str]:
    """Return the tokens of the messages that wait."""
    return [message.content["token"] for message in waiting_messages(records, SETUP)]


def test_invited_person_chooses_a_password_once_and_logs_in(town: Records, clock: HandClock) -> None:
    link = invite(town, SETUP, INVITATION)
    assert account_of_link(town, token_of(link)) == "claire"
    assert use_link(town, token_of(link), CHOSEN, CHEAP) == "claire"
    _, actor = log_in(town, "claire", CHOSEN, clock(), CHEAP)
    assert [grant.role for grant in actor.grants] == ["agent"]
    with pytest.raises(LinkRefused, match="déjà servi"):
        use_link(town, token_of(link), "un-autre-mot-de-passe", CHEAP)


def test_of_two_uses_at_once_one_is_refused(town: Records) -> None:
    link = invite(town, SETUP, INVITATION)
    said: list[str] = []

    def choose(password: str) -> None:
        try:
            said.append(use_link(town, token_of(link), password, CHEAP))
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
    use_link(town, token_of(link), CHOSEN, CHEAP)
    with town.read() as session:
        assert session.scalars(select(AccountLink.token_hash)).one() != token_of(link)
        written = "".join(f"{entry.old}{entry.new}" for entry in session.scalars(select(AuditEntry)))
        assert session.scalars(select(Account.password_hash)).one().startswith("$argon2id$")
    assert token_of(link) not in written
    assert CHOSEN not in written
    assert "argon2" not in written


def test_token_never_begins_as_an_option_of_a_command(monkeypatch: pytest.MonkeyPatch, town: Records) -> None:
    drawn = iter(["-as-an-option", "as-a-word"])
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: next(drawn))
    assert token_of(invite(town, SETUP, INVITATION)) == "as-a-word"


def test_link_ends_with_its_time(town: Records, clock: HandClock) -> None:
    link = invite(town, SETUP, INVITATION)
    clock.now += ACTIVATE_MINUTES * MINUTE - 1
    assert account_of_link(town, token_of(link)) == "claire"
    clock.now += 1
    with pytest.raises(LinkRefused):
        use_link(town, token_of(link), CHOSEN, CHEAP)


def test_weak_password_is_refused_and_the_link_still_works(town: Records) -> None:
    link = invite(town, SETUP, INVITATION)
    with pytest.raises(InvalidData, match="identifiant, le nom"):
        use_link(town, token_of(link), "Martin-chante-fort", CHEAP)
    assert use_link(town, token_of(link), CHOSEN, CHEAP) == "claire"


def test_forgotten_password_is_changed_by_its_owners_mail(town: Records, clock: HandClock) -> None:
    use_link(town, token_of(invite(town, SETUP, INVITATION)), CHOSEN, CHEAP)
    session_token, _ = log_in(town, "claire", CHOSEN, clock(), CHEAP)
    ask_for_reset(town, " CLAIRE ")
    (message,) = waiting_messages(town, SETUP)
    assert (message.address, message.kind) == ("claire@exemple.test", "reset")
    assert actor_of_session(town, session_token) is not None
    use_link(town, message.content["token"], "trois-moineaux-au-soleil", CHEAP)
    assert actor_of_session(town, session_token) is None
    with pytest.raises(LogInRefused):
        log_in(town, "claire", CHOSEN, clock(), CHEAP)
    log_in(town, "claire", "trois-moineaux-au-soleil", clock(), CHEAP)


def test_forgotten_password_link_lasts_an_hour_and_is_not_sent_again_at_once(
    town: Records, clock: HandClock
) -> None:
    invite(town, SETUP, INVITATION)
    clock.now += ASK_AGAIN_MINUTES * MINUTE
    ask_for_reset(town, "claire")
    first = tokens_posted(town)
    ask_for_reset(town, "claire")
    assert tokens_posted(town) == first
    clock.now += ASK_AGAIN_MINUTES * MINUTE
    ask_for_reset(town, "claire")
    (newer,) = tokens_posted(town)
    with pytest.raises(LinkRefused):
        account_of_link(town, first[0])
    assert account_of_link(town, newer) == "claire"
    clock.now += RESET_MINUTES * MINUTE
    with pytest.raises(LinkRefused):
        account_of_link(town, newer)


def test_nobody_unknown_closed_or_without_mail_is_sent_a_link(town: Records) -> None:
    an_account(town, "sansmail", "super_admin")
    invite(town, SETUP, INVITATION)
    disable_account(town, SETUP, "claire")
    for login in ("personne", "sansmail", "claire"):
        ask_for_reset(town, login)
    assert tokens_posted(town) == []


def test_login_that_is_an_address_is_where_its_mail_goes(town: Records) -> None:
    an_account(town, "anne@exemple.test", "family", person_ref=a_family(town).guardians[0])
    ask_for_reset(town, "Anne@exemple.test")
    assert [each.address for each in waiting_messages(town, SETUP)] == ["anne@exemple.test"]


def test_asking_for_many_names_waits_by_address(town: Records) -> None:
    for number in range(FREE_ATTEMPTS_OF_ADDRESS):
        ask_for_reset(town, f"nom{number}", "192.0.2.7")
    with pytest.raises(TooManyAttempts, match="depuis ce réseau"):
        ask_for_reset(town, "claire", "192.0.2.7")
    ask_for_reset(town, "claire", "192.0.2.8")


def test_administrator_never_holds_the_link_of_somebody_else(town: Records) -> None:
    chief = Actor("Chef", (Grant("super_admin"),), account_id=99)
    assert invite(town, chief, INVITATION).token is None
    (message,) = waiting_messages(town, SETUP)
    assert (message.kind, message.address) == ("activate", "claire@exemple.test")
    use_link(town, message.content["token"], CHOSEN, CHEAP)
    assert reset_account(town, chief, "claire").token is None
    (message,) = waiting_messages(town, SETUP)
    assert use_link(town, message.content["token"], "trois-moineaux-au-soleil", CHEAP) == "claire"
    family = a_family(town)
    clerk = Actor("Zoé", (Grant("clerk"),), account_id=98)
    assert invite_family(town, clerk, family.guardians[0], "anne@exemple.test", START).token is None


def test_account_without_mail_is_reset_on_the_server_only(town: Records) -> None:
    an_account(town, "sansmail", "agent")
    chief = Actor("Chef", (Grant("super_admin"),), account_id=99)
    with pytest.raises(InvalidData, match="marelle accounts"):
        reset_account(town, chief, "sansmail")
    assert logged_in(town, "sansmail").grants
    assert reset_account(town, SETUP, "sansmail").token


def test_message_keeps_its_token_encrypted_and_only_until_it_left(town: Records) -> None:
    invite(town, SETUP, INVITATION)
    ask_for_reset(town, "claire")
    assert tokens_posted(town) == []  # the activation link of a moment ago still waits
    with town.write(SETUP, "forget") as write:
        write.session.execute(delete(AccountLink))
    ask_for_reset(town, "claire")
    (message,) = waiting_messages(town, SETUP)
    stored = "select content from message_outbox"
    with town.engine.connect() as connection:
        assert message.content["token"] not in connection.execute(text(stored)).scalar_one()
    tick_off(town, SETUP, message.message_id, "421 plus tard")
    assert [each.message_id for each in waiting_messages(town, SETUP)] == [message.message_id]
    tick_off(town, SETUP, message.message_id)
    with town.engine.connect() as connection:
        assert connection.execute(text(stored)).scalar_one() is None
    assert [(each.state, each.attempts) for each in list_messages(town, SETUP)] == [("sent", 2)]


def test_message_is_given_up_after_eight_failures_or_with_its_link(town: Records, clock: HandClock) -> None:
    invite(town, SETUP, INVITATION)
    clock.now += ASK_AGAIN_MINUTES * MINUTE
    ask_for_reset(town, "claire")
    clock.now += RESET_MINUTES * MINUTE
    assert waiting_messages(town, SETUP) == []
    ask_for_reset(town, "claire")
    (message,) = waiting_messages(town, SETUP)
    for _ in range(ATTEMPTS_MAX):
        tick_off(town, SETUP, message.message_id, "refusé")
    assert waiting_messages(town, SETUP) == []
    assert [each.state for each in list_messages(town, SETUP)] == ["given_up"] * 2


def test_choosing_a_password_forgets_the_failed_attempts(town: Records, clock: HandClock) -> None:
    link = invite(town, SETUP, INVITATION)
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(LogInRefused):
            log_in(town, "claire", "Ce n'est pas celui-là", clock(), CHEAP)
    use_link(town, token_of(link), CHOSEN, CHEAP)
    log_in(town, "claire", CHOSEN, clock(), CHEAP)


def test_reset_by_an_administrator_ends_sessions_and_password_at_once(town: Records, clock: HandClock) -> None:
    use_link(town, token_of(invite(town, SETUP, INVITATION)), CHOSEN, CHEAP)
    token, _ = log_in(town, "claire", CHOSEN, clock(), CHEAP)
    link = reset_account(town, SETUP, "claire")
    assert actor_of_session(town, token) is None
    with pytest.raises(LogInRefused):
        log_in(town, "claire", CHOSEN, clock(), CHEAP)
    with pytest.raises(InvalidData, match="déjà eu ce mot de passe"):
        use_link(town, token_of(link), CHOSEN, CHEAP)
    use_link(town, token_of(link), "trois-moineaux-au-soleil", CHEAP)
    log_in(town, "claire", "trois-moineaux-au-soleil", clock(), CHEAP)


def test_family_is_invited_by_its_mail(town: Records, clock: HandClock) -> None:
    family = a_family(town)
    link = invite_family(town, SETUP, family.guardians[0], "Anne@Exemple.test", START)
    use_link(town, token_of(link), CHOSEN, CHEAP)
    _, actor = log_in(town, "anne@exemple.test", CHOSEN, clock(), CHEAP)
    assert actor.person_id is not None
    with pytest.raises(InvalidData, match="pas une adresse"):
        invite_family(town, SETUP, family.guardians[0], "anne", START)
    with pytest.raises(InvalidData, match="déjà utilisé"):
        invite_family(town, SETUP, family.guardians[0], "anne@exemple.test", START)
