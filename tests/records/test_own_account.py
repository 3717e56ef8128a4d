"""What a person does with their own account, and the address that guesses come from."""

import pytest

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP
from records.database import Records
from records.operations.attempts import (
    ADDRESS_FORGETS_ONE_SECONDS,
    FREE_ATTEMPTS,
    FREE_ATTEMPTS_OF_ADDRESS,
    TooManyAttempts,
)
from records.operations.own_account import (
    change_password,
    close_my_other_sessions,
    my_sessions,
    remove_own_second_factor,
)
from records.operations.passwords import KEPT_HASHES
from records.operations.sessions import actor_of_session, list_sessions, revoke_sessions
from records.operations.sign_in import Credentials, LogInRefused, log_in, sign_in
from tests.factories.people import CHEAP, PASSWORD, an_account
from tests.factories.town import HandClock

SECOND = 1_000_000
NEW = ["un-cerisier-sous-la-pluie", "trois-moineaux-au-soleil", "galet-boussole-tilleul", "lavande-et-vieux-crayon"]


@pytest.fixture
def token(town: Records, clock: HandClock) -> str:
    """Claire's session."""
    an_account(town, "claire", "agent")
    return log_in(town, "claire", PASSWORD, clock(), CHEAP)[0]


def test_new_password_closes_the_other_sessions_and_keeps_this_one(
    town: Records, token: str, clock: HandClock
) -> None:
    other = log_in(town, "claire", PASSWORD, clock(), CHEAP)[0]
    change_password(town, token, PASSWORD, NEW[0], CHEAP)
    assert actor_of_session(town, token) is not None
    assert actor_of_session(town, other) is None
    with pytest.raises(LogInRefused):
        log_in(town, "claire", PASSWORD, clock(), CHEAP)
    assert log_in(town, "claire", NEW[0], clock(), CHEAP)


def test_last_passwords_are_not_taken_again_and_none_must_be_changed(
    town: Records, token: str, clock: HandClock
) -> None:
    for old, new in zip([PASSWORD, *NEW], NEW, strict=False):
        with pytest.raises(InvalidData, match="déjà eu"):
            change_password(town, token, old, old, CHEAP)
        change_password(town, token, old, new, CHEAP)
    with pytest.raises(InvalidData, match="déjà eu"):
        change_password(town, token, NEW[-1], NEW[-1 - KEPT_HASHES], CHEAP)
    change_password(town, token, NEW[-1], PASSWORD, CHEAP)
    clock.now += 3 * 366 * 86_400 * SECOND
    assert log_in(town, "claire", PASSWORD, clock(), CHEAP)


def test_password_changes_only_with_the_one_in_use_and_an_open_session(town: Records, token: str) -> None:
    with pytest.raises(InvalidData, match="pas votre mot de passe actuel"):
        change_password(town, token, NEW[1], NEW[0], CHEAP)
    with pytest.raises(InvalidData, match="trop faible"):
        change_password(town, token, PASSWORD, "court", CHEAP)
    with pytest.raises(NotAllowed, match="Reconnectez-vous"):
        change_password(town, "invented", PASSWORD, NEW[0], CHEAP)


def test_person_sees_their_sessions_and_closes_the_others(town: Records, token: str, clock: HandClock) -> None:
    clock.now += 60 * SECOND
    other = log_in(town, "claire", PASSWORD, clock(), CHEAP)[0]
    an_account(town, "paul", "agent")
    log_in(town, "paul", PASSWORD, clock(), CHEAP)
    assert [each.is_this_one for each in my_sessions(town, token)].count(True) == 1
    assert len(my_sessions(town, token)) == 2
    assert close_my_other_sessions(town, token) == 1
    assert actor_of_session(town, other) is None
    assert len(my_sessions(town, token)) == 1


def test_administrator_sees_and_closes_every_session_of_an_account(
    town: Records, token: str, clock: HandClock
) -> None:
    assert len(list_sessions(town, SETUP, "claire")) == 1
    assert revoke_sessions(town, SETUP, "claire") == 1
    assert actor_of_session(town, token) is None
    assert list_sessions(town, SETUP, "claire") == []


def test_one_password_tried_on_many_names_waits_by_address(town: Records, token: str, clock: HandClock) -> None:
    for number in range(FREE_ATTEMPTS_OF_ADDRESS):
        with pytest.raises(LogInRefused, match="Connexion refusée"):
            sign_in(town, Credentials(f"nom{number}", "Printemps-2026-ici", address="192.0.2.7"), clock(), CHEAP)
    right = Credentials("claire", PASSWORD, address="192.0.2.7")
    with pytest.raises(LogInRefused, match="Trop d'essais depuis ce réseau") as refusal:
        sign_in(town, right, clock(), CHEAP)
    assert refusal.value.fields["wait_seconds"] == ADDRESS_FORGETS_ONE_SECONDS
    assert sign_in(town, Credentials("claire", PASSWORD, address="192.0.2.8"), clock(), CHEAP)
    clock.now += ADDRESS_FORGETS_ONE_SECONDS * SECOND
    assert sign_in(town, right, clock(), CHEAP)


def test_address_in_use_all_day_forgets_its_failures_little_by_little(
    town: Records, token: str, clock: HandClock
) -> None:
    wrong = Credentials("claire", "Ce n'est pas celui-là", address="192.0.2.7")
    right = Credentials("claire", PASSWORD, address="192.0.2.7")
    for _ in range(3 * FREE_ATTEMPTS_OF_ADDRESS):  # a failure and a success every three minutes
        with pytest.raises(LogInRefused, match="Connexion refusée"):
            sign_in(town, wrong, clock(), CHEAP)
        clock.now += 3 * ADDRESS_FORGETS_ONE_SECONDS // 4 * SECOND
        assert sign_in(town, right, clock(), CHEAP)
        clock.now += 3 * ADDRESS_FORGETS_ONE_SECONDS // 4 * SECOND


@pytest.mark.parametrize("owner", ["change", "remove"])
def test_whoever_took_a_session_guesses_the_password_slowly(
    town: Records, token: str, clock: HandClock, owner: str
) -> None:
    def guess(password: str) -> None:
        if owner == "change":
            change_password(town, token, password, NEW[0], CHEAP)
        else:
            remove_own_second_factor(town, token, password)

    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(InvalidData, match="pas votre mot de passe actuel"):
            guess("Ce n'est pas celui-là")
    with pytest.raises(TooManyAttempts, match="Réessayez dans"):
        guess(PASSWORD)
    assert log_in(town, "claire", PASSWORD, clock(), CHEAP)  # its owner can still log in
    clock.now += 30 * SECOND
    change_password(town, token, PASSWORD, NEW[0], CHEAP)
    change_password(town, token, NEW[0], NEW[1], CHEAP)


def test_successes_of_a_whole_school_do_not_make_its_address_wait(
    town: Records, token: str, clock: HandClock
) -> None:
    for _ in range(FREE_ATTEMPTS_OF_ADDRESS + 5):
        assert sign_in(town, Credentials("claire", PASSWORD, address="192.0.2.7"), clock(), CHEAP)
