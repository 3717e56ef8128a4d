"""Where the commands work: MARELLE_HOME (./data by default) and MARELLE_DATABASE_URL."""

from __future__ import annotations

import getpass
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import MarelleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.actors import Actor
    from records.database import Records

HOME_VARIABLE = "MARELLE_HOME"
URL_VARIABLE = "MARELLE_DATABASE_URL"
MAIL_VARIABLE = "MARELLE_MAIL_URL"
PORTAL_VARIABLE = "MARELLE_PORTAL_URL"
DEFAULT_HOME = "data"


class NoDataHere(MarelleError):
    """The folder holds no collectivity yet, or one of another release."""

    code = "no_data_here"


def home_folder() -> Path:
    """Return the folder of this collectivity."""
    return Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).absolute()


def configured_url() -> str | None:
    """Return the database address that was configured, None for SQLite inside the folder."""
    return os.environ.get(URL_VARIABLE) or None


def mail_address() -> str | None:
    """Return the address of the mail server that was chosen, None when there is none."""
    return os.environ.get(MAIL_VARIABLE) or None


def portal_address() -> str:
    """Return where people open the portal: links in mails lead there."""
    from cli.ports import LOOPBACK, PORTAL_PORT

    return os.environ.get(PORTAL_VARIABLE) or f"http://{LOOPBACK}:{PORTAL_PORT}"


def database_url() -> str:
    """Return the address of the records of this collectivity."""
    from records.database import records_url

    return records_url(home_folder(), configured_url())


@contextmanager
def records_here() -> Iterator[Records]:
    """Open the records of this collectivity; raises NoDataHere when there are none, or of another release."""
    from records.database import open_records

    _require_data()
    records = open_records(database_url())
    try:
        yield records
    finally:
        records.close()


def time_zone(records: Records) -> str:
    """Return the collectivity's time zone, UTC before it is described."""
    from sqlalchemy import select

    from records.models import Collectivity

    with records.read() as session:
        return session.scalar(select(Collectivity.timezone)) or "UTC"


def operator() -> Actor:
    """Return who acts: whoever has this machine's shell may do everything, under their own name."""
    from records.actors import Right, program

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "inconnu"
    return program(f"ligne de commande ({user})", *Right)


def database_revision() -> str | None:
    """Return the schema's revision, None when there is no schema. Raises NoDataHere when nothing answers."""
    from sqlalchemy.exc import DBAPIError

    from records.migrations import current

    if configured_url() is None and not (home_folder() / "records.db").exists():
        return None
    try:
        return current(database_url())
    except DBAPIError as error:
        if configured_url() is None:
            raise NoDataHere(
                f"Le fichier {home_folder() / 'records.db'} est abîmé ({_reason(error)}). Rien n'y a été changé. "
                "Gardez-en une copie, et restaurez la dernière sauvegarde."
            ) from error
        raise NoDataHere(
            f"La base de données ne répond pas ({_reason(error)}). Vérifiez MARELLE_DATABASE_URL et que le serveur "
            "est en marche."
        ) from error


def _require_data() -> None:
    from records.migrations import newest

    if configured_url() is None and not (home_folder() / "records.db").exists():
        raise NoDataHere(
            f"Aucune donnée dans {home_folder()}. Créez la ville de démonstration avec « marelle demo », "
            "ou indiquez le bon dossier dans MARELLE_HOME."
        )
    revision = database_revision()
    if revision is None:
        raise NoDataHere("La base de données est vide. Créez la ville de démonstration avec « marelle demo ».")
    if revision != newest():
        raise NoDataHere(
            "Les données viennent d'une autre version de Marelle. Lancez « marelle run » une fois : "
            "il met la base à niveau."
        )


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0]
