"""The second factor: codes of an application, recovery codes, and neither twice."""

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select, text

from domain.errors import InvalidData, NotAllowed
from records.actors import SETUP
from records.database import Records
from records.models import RecoveryCode
from records.operations.attempts import FREE_ATTEMPTS, FREE_ATTEMPTS_OF_ADDRESS
from records.operations.own_account import remove_own_second_factor
from records.operations.second_factor import (
    RECOVERY_CODES,
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
)
from records.operations.sign_in import CodeWanted, Credentials, LogInRefused, log_in, sign_in
from tests.factories.people import CHEAP, PASSWORD, an_account
from tests.factories.town import HandClock

STEP = 30_000_000


def code_at(secret: str, now: int) -> str:
    """Return what the person's application shows at an instant."""
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(now // 1_000_000).decode()


@pytest.fixture
def secret(town: Records, clock: HandClock) -> str:
    """The secret of Claire's application, in force since a minute."""
    an_account(town, "claire", "agent")
    token, _ = log_in(town, "claire", PASSWORD, clock(), CHEAP)
    begun = begin_second_factor(town, token)
    confirm_second_factor(town, token, code_at(begun.secret, clock()))
    clock.now += 2 * STEP
    return begun.secret


@pytest.fixture
def enter(town: Records, clock: HandClock) -> Callable[[str | None], str]:
    """Log in with a code; returns the token."""
    return lambda code: sign_in(town, Credentials("claire", PASSWORD, code), clock(), CHEAP)[0]


def test_password_alone_no_longer_opens_and_says_what_is_wanted(
    secret: str, enter: Callable[[str | None], str]
) -> None:
    for nothing in (None, "  "):
        with pytest.raises(CodeWanted, match="code à six chiffres"):
            enter(nothing)


def test_wrong_password_does_not_tell_that_there_is_a_second_factor(
    town: Records, secret: str, clock: HandClock
) -> None:
    with pytest.raises(LogInRefused) as refusal:
        sign_in(town, Credentials("claire", "Ce n'est pas celui-là"), clock(), CHEAP)
    assert not isinstance(refusal.value, CodeWanted)


def test_code_of_the_application_opens_once(
    secret: str, enter: Callable[[str | None], str], clock: HandClock
) -> None:
    code = code_at(secret, clock())
    assert enter(f"{code[:3]} {code[3:]}")
    with pytest.raises(LogInRefused, match="Connexion refusée"):
        enter(code)
    clock.now += STEP
    assert enter(code_at(secret, clock()))


@pytest.mark.parametrize(("late", "opens"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_telephone_may_be_a_step_early_or_late(
    secret: str, enter: Callable[[str | None], str], clock: HandClock, late: int, opens: bool
) -> None:
    clock.now += 10 * STEP
    code = code_at(secret, clock() + late * STEP)
    if opens:
        assert enter(code)
    else:
        with pytest.raises(LogInRefused):
            enter(code)


def test_code_used_to_confirm_does_not_open(town: Records, clock: HandClock) -> None:
    an_account(town, "claire", "agent")
    token, _ = log_in(town, "claire", PASSWORD, clock(), CHEAP)
    begun = begin_second_factor(town, token)
    code = code_at(begun.secret, clock())
    confirm_second_factor(town, token, code)
    with pytest.raises(LogInRefused):
        sign_in(town, Credentials("claire", PASSWORD, code), clock(), CHEAP)


def test_guessing_codes_waits_like_guessing_passwords(enter: Callable[[str | None], str], secret: str) -> None:
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(LogInRefused, match="Connexion refusée"):
            enter("000 000")
    with pytest.raises(LogInRefused, match="Trop d'essais"):
        enter("000 000")


def test_recovery_code_replaces_a_lost_telephone_once(town: Records, clock: HandClock) -> None:
    an_account(town, "claire", "agent")
    token, _ = log_in(town, "claire", PASSWORD, clock(), CHEAP)
    begun = begin_second_factor(town, token)
    codes = confirm_second_factor(town, token, code_at(begun.secret, clock()))
    assert len(set(codes)) == RECOVERY_CODES
    given = Credentials("claire", PASSWORD, codes[3].upper())
    assert sign_in(town, given, clock(), CHEAP)
    with pytest.raises(LogInRefused):
        sign_in(town, given, clock(), CHEAP)
    with town.read() as session:
        assert not set(codes) & set(session.scalars(select(RecoveryCode.code_hash)))


def test_secret_is_encrypted_at_rest_and_counts_once_confirmed(town: Records, clock: HandClock) -> None:
    an_account(town, "claire", "agent")
    token, _ = log_in(town, "claire", PASSWORD, clock(), CHEAP)
    first, second = begin_second_factor(town, token), begin_second_factor(town, token)
    assert log_in(town, "claire", PASSWORD, clock(), CHEAP)
    with town.read() as session:
        stored: str = session.execute(text("select secret from totp_secret")).scalar_one()
        written = "".join(f"{old}{new}" for old, new in session.execute(text("select old, new from audit")))
    assert second.secret not in stored
    assert second.secret not in written
    assert second.secret in second.address
    with pytest.raises(InvalidData, match="pas le bon"):
        confirm_second_factor(town, token, code_at(first.secret, clock()))


def test_person_takes_it_away_with_the_password_and_an_administrator_without(
    town: Records, secret: str, enter: Callable[[str | None], str], clock: HandClock
) -> None:
    token = enter(code_at(secret, clock()))
    with pytest.raises(InvalidData, match="déjà un second facteur"):
        begin_second_factor(town, token)
    with pytest.raises(InvalidData, match="pas votre mot de passe"):
        remove_own_second_factor(town, token, "Ce n'est pas celui-là")
    remove_own_second_factor(town, token, PASSWORD)
    assert enter(None)
    with pytest.raises(InvalidData, match="pas de second facteur"):
        remove_second_factor(town, SETUP, "claire")


def test_ended_session_changes_nothing(town: Records) -> None:
    with pytest.raises(NotAllowed, match="Reconnectez-vous"):
        begin_second_factor(town, "invented")


def test_log_ins_with_two_factors_do_not_make_their_address_wait(
    town: Records, secret: str, clock: HandClock
) -> None:
    for _ in range(FREE_ATTEMPTS_OF_ADDRESS + 1):
        asked = Credentials("claire", PASSWORD, None, "192.0.2.7")
        with pytest.raises(CodeWanted):
            sign_in(town, asked, clock(), CHEAP)
        clock.now += STEP
        assert sign_in(town, replace(asked, code=code_at(secret, clock())), clock(), CHEAP)


def test_right_password_gives_back_its_own_attempt_and_no_guess_of_a_code(
    town: Records, secret: str, enter: Callable[[str | None], str]
) -> None:
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(CodeWanted):
            enter(None)
        with pytest.raises(LogInRefused, match="Connexion refusée"):
            enter("000 000")
    with pytest.raises(LogInRefused, match="Trop d'essais"):
        enter(None)
