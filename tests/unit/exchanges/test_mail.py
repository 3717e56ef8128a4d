"""Mail that carries links: over a real connection, once, and nothing lost when the server is away."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from domain.errors import InvalidData
from domain.french import NBSP
from exchanges.mail import Carried, MailUnavailable, carry, mail_server
from jobs.scheduler import ERRANDS_EVERY_SECONDS, Scheduler
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import MessageOutbox
from records.operations.account_links import account_of_link
from records.operations.accounts import NewGrant, NewInvitation, invite
from records.operations.kitchen_settings import NewKitchenSetting, set_kitchen
from records.operations.meal_dispatch import send_orders
from records.operations.meal_orders import OrderLine, place_orders
from records.operations.messages import list_messages
from tests.factories.databases import SMALL_TOWN, sqlite_copy, sqlite_template
from tests.factories.town import CANTEEN, SCHOOL, START, TODAY, HandClock
from tests.harness.mail_server import Mailbox, mail_server_here
from tests.harness.processes import free_port

PORTAL = "https://enfance.exemple.test/"
CHIEF = Actor("Chef", (Grant("super_admin"),), account_id=99)
SECOND = 1_000_000


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def town_file() -> Path:
    return sqlite_template(SMALL_TOWN)


@pytest.fixture
def records(tmp_path: Path, town_file: Path, clock: HandClock) -> Iterator[Records]:
    """A town where Claire and Zoé were invited."""
    opened = sqlite_copy(town_file, tmp_path, clock)
    for login in ("claire", "zoe"):
        grants = (NewGrant("agent", START),)
        invite(opened, CHIEF, NewInvitation(login, login.capitalize(), f"{login[:3]}@exemple.test", grants))
    yield opened
    opened.close()


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server_here() as opened:
        yield opened


def test_each_message_arrives_once_with_a_link_that_works(records: Records, box: Mailbox) -> None:
    assert carry(records, SETUP, mail_server(box.url), PORTAL) == Carried(2, 0)
    assert carry(records, SETUP, mail_server(box.url), PORTAL) == Carried(0, 0)
    assert [mail["To"] for mail in box.mails] == ["cla@exemple.test", "zoe@exemple.test"]
    body = box.mails[0].get_content().replace(NBSP, " ")
    link = re.search(r"https://enfance\.exemple\.test/mot-de-passe\?jeton=(\S+)", body)
    assert link is not None
    assert account_of_link(records, link.group(1)) == "claire"
    assert "Bonjour Claire," in body
    assert "jusqu'au mardi 8 décembre 2026 à 08 h 00" in body
    assert [each.state for each in list_messages(records, SETUP)] == ["sent", "sent"]


def test_invoice_is_told_with_its_amount_first_and_by_when(records: Records, box: Mailbox) -> None:
    with records.upkeep() as work:
        work.execute(delete(MessageOutbox))
        content = json.dumps({
            "name": "Anne", "number": "2026-000123", "month": "2026-10-01", "cents": 8_640, "due_on": "2026-12-15",
        })  # fmt: skip
        notice = {"key": "invoice-2026-000123", "kind": "invoice", "address": "anne@exemple.test"}
        times = {"created_at": 1, "expires_at": records.clock() + SECOND}
        work.add(MessageOutbox(**notice, **times, content=content, state="waiting"))
    assert carry(records, SETUP, mail_server(box.url), PORTAL) == Carried(1, 0)
    (mail,) = box.mails
    assert (
        mail["Subject"].replace(NBSP, " ")
        == "Ville d'essai : votre facture d'octobre, 86,40 € avant le 15 décembre"
    )
    body = mail.get_content().replace(NBSP, " ")
    assert "Total à payer avant le 15 décembre : 86,40 €" in body
    assert "n° 2026-000123" in body
    assert "https://enfance.exemple.test" in body


def test_order_of_meals_leaves_with_its_two_files(records: Records, box: Mailbox) -> None:
    tomorrow = TODAY + timedelta(days=1)
    setting = NewKitchenSetting(START, "Marché", "Cuisine centrale", 900, 300, mail="cuisine@exemple.test")
    set_kitchen(records, SETUP, setting)
    place_orders(records, SETUP, "firm", [OrderLine(SCHOOL, CANTEEN, tomorrow, "standard", "Standard", 60)])
    send_orders(records, SETUP, "firm", TODAY, tomorrow + timedelta(days=1))
    assert carry(records, SETUP, mail_server(box.url), PORTAL) == Carried(3, 0)
    mail = next(each for each in box.mails if each["To"] == "cuisine@exemple.test")
    assert [each.get_filename() for each in mail.iter_attachments()] == [
        "commande-1-2026-11-24.csv",
        "commande-1-2026-11-24.pdf",
    ]


def test_refused_message_waits_and_does_not_hold_the_others(records: Records, box: Mailbox) -> None:
    box.refused.add("cla@exemple.test")
    assert carry(records, SETUP, mail_server(box.url), PORTAL) == Carried(1, 1)
    (refused,) = [each for each in list_messages(records, SETUP) if each.state == "waiting"]
    assert (refused.attempts, "revenez plus tard" in str(refused.last_error)) == (1, True)
    box.refused.clear()
    assert carry(records, SETUP, mail_server(box.url), PORTAL) == Carried(1, 0)


def test_address_that_the_server_cannot_carry_does_not_hold_the_others(records: Records, box: Mailbox) -> None:
    invite(records, CHIEF, NewInvitation("eve", "Ève", "ève@exemple.test", (NewGrant("agent", START),)))
    assert carry(records, SETUP, mail_server(box.url), PORTAL) == Carried(2, 1)
    assert [each.last_error for each in list_messages(records, SETUP) if each.state == "waiting"] == [
        "Ce serveur n'accepte pas les adresses qui ont des lettres accentuées."
    ]


def test_server_that_is_away_costs_no_attempt(records: Records) -> None:
    server = mail_server(f"smtp://127.0.0.1:{free_port()}?from=enfance@exemple.test")
    with pytest.raises(MailUnavailable, match="Les messages attendent"):
        carry(records, SETUP, server, PORTAL)
    assert [(each.state, each.attempts) for each in list_messages(records, SETUP)] == [("waiting", 0)] * 2


@pytest.mark.parametrize(
    "url", ["", "smtp.exemple.fr", "smtp://smtp.exemple.fr", "ftp://x?from=a@b", "smtp://?from=a@b"]
)
def test_address_that_is_not_complete_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(InvalidData, match="smtps://utilisateur"):
        mail_server(url)


def test_address_gives_port_name_and_password() -> None:
    server = mail_server("smtps://ville%40x:p%3Aq@smtp.exemple.fr?from=enfance@exemple.fr")
    assert (server.host, server.port, server.is_encrypted) == ("smtp.exemple.fr", 465, True)
    assert (server.user, server.password, server.sender) == ("ville@x", "p:q", "enfance@exemple.fr")


def test_scheduler_runs_an_errand_once_a_minute_and_survives_its_failure(
    records: Records, tmp_path: Path, clock: HandClock
) -> None:
    runs: list[int] = []

    def errand() -> None:
        runs.append(clock())
        raise MailUnavailable("Le serveur de courrier ne répond pas.")

    scheduler = Scheduler(records, tmp_path, "", {}, errands=(errand,))
    scheduler.step()
    scheduler.step()
    clock.now += ERRANDS_EVERY_SECONDS * SECOND
    scheduler.step()
    assert len(runs) == 2
