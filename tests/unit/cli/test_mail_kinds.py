"""`marelle mail list` has a word for every kind of message."""

from cli.commands.mail import KINDS
from records.models.messages import MESSAGE_KINDS


def test_every_kind_of_message_has_its_word() -> None:
    assert KINDS.keys() == set(MESSAGE_KINDS)
