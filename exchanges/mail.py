"""Mail by SMTP: carries the messages that wait in the records to the server that the town has chosen.

The server is an address: `smtps://user:password@smtp.exemple.fr:465?from=enfance@exemple.fr`. With `smtp://` the
connection is encrypted by STARTTLS, unless the server is this machine.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import select

from domain.errors import InvalidData, MarelleError
from domain.french import typeset
from exchanges.letters import LETTERS, Town
from exchanges.meal_orders import order_files
from records.actors import Actor
from records.database import Records
from records.models import Collectivity
from records.operations.messages import WaitingMessage, tick_off, waiting_messages

MAIL_VARIABLE = "MARELLE_MAIL_URL"
_TIMEOUT_SECONDS = 20
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail leaves from, and under which address."""

    host: str
    port: int
    is_encrypted: bool
    sender: str
    user: str | None = None
    password: str | None = None


class MailUnavailable(MarelleError):
    """The mail server cannot be reached, or refuses us."""

    code = "mail_unavailable"


@dataclass(frozen=True, slots=True)
class Carried:
    """How many messages left, and how many did not."""

    sent: int
    failed: int


def mail_server(url: str) -> MailServer:
    """Read the address of a server. Raises InvalidData that names what is missing."""
    parts = urlsplit(url)
    sender = parse_qs(parts.query).get("from", [""])[0]
    if parts.scheme not in _PORTS or not parts.hostname or "@" not in sender:
        raise InvalidData(
            f"L'adresse du serveur de courrier n'est pas complète. Donnez dans {MAIL_VARIABLE} par exemple "
            "smtps://utilisateur:motdepasse@smtp.exemple.fr?from=enfance@exemple.fr"
        )
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    port = parts.port or _PORTS[parts.scheme]
    return MailServer(parts.hostname, port, parts.scheme == "smtps", sender, user, password)


def carry(records: Records, actor: Actor, server: MailServer, portal_url: str) -> Carried:
    """Send what waits, over one connection, and tick it off; what the server refuses waits for the next time.

    Raises MailUnavailable when the server does not answer: what has not left then still waits.
    """
    waiting = waiting_messages(records, actor)
    if not waiting:
        return Carried(0, 0)
    place, sent = town_of(records), 0
    try:
        with _connection(server) as connection:
            for message in waiting:
                error = _send(connection, _mail(message, server, place, portal_url))
                tick_off(records, actor, message.message_id, error)
                sent += error is None
    except (OSError, smtplib.SMTPException) as failure:
        raise MailUnavailable(
            f"Le serveur de courrier {server.host} ne répond pas bien ({failure}). Les messages attendent. "
            f"Vérifiez {MAIL_VARIABLE} et que ce serveur est joignable.",
            host=server.host,
        ) from failure
    return Carried(sent, len(waiting) - sent)


def _connection(server: MailServer) -> smtplib.SMTP:
    if server.is_encrypted:
        context = ssl.create_default_context()
        opened: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_SECONDS, context=context)
    else:
        opened = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
        if not _is_this_machine(server.host):
            opened.starttls(context=ssl.create_default_context())
    if server.user is not None:
        opened.login(server.user, server.password or "")
    return opened


def _send(connection: smtplib.SMTP, mail: EmailMessage) -> str | None:
    """Send one mail; returns why it was refused, None when it left."""
    try:
        connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        return str(next(iter(refused.recipients.values()))[1])
    except smtplib.SMTPResponseException as refused:
        return f"{refused.smtp_code} {refused.smtp_error!r}"
    except smtplib.SMTPNotSupportedError:
        return "Ce serveur n'accepte pas les adresses qui ont des lettres accentuées."
    return None


def _mail(message: WaitingMessage, server: MailServer, town: Town, portal_url: str) -> EmailMessage:
    subject, said = LETTERS[message.kind](message, town, portal_url.rstrip("/"))
    mail = EmailMessage()
    mail["From"] = Address(f"{town.name}, services enfance", addr_spec=server.sender)
    mail["To"] = message.address
    mail["Subject"] = typeset(f"{town.name} : {subject}")
    mail["Message-ID"] = make_msgid(domain=server.sender.split("@")[-1])
    mail["Auto-Submitted"] = "auto-generated"
    name = message.content["name"]
    mail.set_content(f"Bonjour {name},\n\n{typeset(said)}\n\n{town.name}, services enfance\n")
    if message.kind == "meal_order":
        for file in order_files(message.content, town.name):
            kind, subtype = file.media_type.split("/")
            mail.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
    return mail


def town_of(records: Records) -> Town:
    """Return who writes: the collectivity as it is described, or nameless before it is."""
    with records.read() as session:
        columns = (Collectivity.name, Collectivity.timezone, Collectivity.contact)
        row = session.execute(select(*columns)).one_or_none()
    return Town("Votre collectivité", "UTC", "") if row is None else Town(*row)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
