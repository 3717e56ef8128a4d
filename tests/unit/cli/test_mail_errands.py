"""What the scheduler does about mail: reminders are written with or without a mail server."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from cli.serving import mail_errands
from cli.settings import MAIL_VARIABLE
from records.actors import SETUP
from records.database import Records
from records.models import MessageOutbox
from records.operations.yearly_tasks import NewTask, add_task
from tests.harness.demo_world import DemoWorld

DIRECTOR = "nadege.kerbrat@valdorme.example"
KEY = "task_due-"


@pytest.fixture
def records(demo_copy: DemoWorld) -> Iterator[Records]:
    opened = demo_copy.open()
    yield opened
    opened.close()


@pytest.mark.parametrize("server", [None, "smtp://127.0.0.1:9?from=essai@valdorme.example"])
def test_reminder_waits_in_the_outbox_and_only_a_server_adds_the_errand_that_carries_it(
    records: Records, monkeypatch: pytest.MonkeyPatch, server: str | None
) -> None:
    if server is None:
        monkeypatch.delenv(MAIL_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(MAIL_VARIABLE, server)
    add_task(records, SETUP, NewTask("caf-essai", "Envoyer le réel", 11, 1, "declare_caf", date(2020, 1, 1)))
    errands = mail_errands(records)
    assert len(errands) == (2 if server is None else 3)
    before = _reminders(records)
    for errand in errands[:2]:
        errand()
    told = _reminders(records) - before
    assert DIRECTOR in {address for _, address in told}


def _reminders(records: Records) -> set[tuple[str, str]]:
    with records.read() as session:
        rows = select(MessageOutbox.key, MessageOutbox.address).where(MessageOutbox.key.startswith(KEY))
        return {(key, address) for key, address in session.execute(rows)}
