"""Who is told of an invoice, by what, and what is said of those who are not."""

import pytest

from domain.notices import notice_of, notice_sentence

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("channel", "email", "notice"),
    [
        ("email", "anne@exemple.test", "mailed"),
        ("email", None, "no_email"),
        ("email", "", "no_email"),
        ("sms", "anne@exemple.test", "mailed_for_sms"),
        ("sms", None, "sms_unsent"),
        ("none", "anne@exemple.test", "unwanted"),
        ("none", None, "unwanted"),
    ],
)
def test_what_becomes_of_a_notice_is_said_for_each_choice(channel: str, email: str | None, notice: str) -> None:
    assert notice_of(channel, email) == notice


def test_payers_who_chose_an_sms_and_those_told_nothing_are_counted() -> None:
    said = notice_sentence(12, 3, 2).replace(NBSP, " ")
    assert said == (
        "Avis par courriel : 12 payeurs, dont 3 qui avaient choisi le SMS (Marelle n'en envoie pas encore). "
        "Sans avis, faute d'e-mail : 2 payeurs."
    )
    assert notice_sentence(12, 0, 0).replace(NBSP, " ") == "Avis par courriel : 12 payeurs."
