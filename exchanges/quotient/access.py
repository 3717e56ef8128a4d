"""Where API Particulier is and who asks: environment first, then `api-particulier.toml` in MARELLE_HOME.

The token opens the incomes of the whole town: it is neither in the database nor in its backups, nor ever shown.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import InvalidData
from domain.french import typeset
from exchanges.quotient.errors import AccessNotConfigured

FILE = "api-particulier.toml"
URL_VARIABLE = "MARELLE_API_PARTICULIER_URL"
TOKEN_VARIABLE = "MARELLE_API_PARTICULIER_TOKEN"  # noqa: S105 - a name
SIRET_VARIABLE = "MARELLE_API_PARTICULIER_SIRET"
PRODUCTION = "https://particulier.api.gouv.fr"
CALLS_PER_SECOND = 10.0  # half of what one token may ask
_SIRET_DIGITS = 14
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the API; `register` is the file of imaginary people that a local stand-in answers from."""

    url: str
    token: str = field(repr=False)
    siret: str
    calls_per_second: float = CALLS_PER_SECOND
    register: Path | None = None


def read_access(home: Path, environ: Mapping[str, str] = os.environ) -> Access:
    """Return the access of this collectivity. Raises AccessNotConfigured, InvalidData."""
    path = home / FILE
    given: dict[str, object] = {}
    if path.exists():
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise InvalidData(f"Le fichier {path} ne se lit pas ({error}). Corrigez-le.") from None
    for key, variable in (("url", URL_VARIABLE), ("token", TOKEN_VARIABLE), ("siret", SIRET_VARIABLE)):
        if environ.get(variable):
            given[key] = environ[variable]
            given.pop("register", None)  # a real service was named: nobody imaginary answers
    if not given.get("token") or not given.get("siret"):
        raise AccessNotConfigured(
            typeset(
                f"L'accès à API Particulier n'est pas réglé. Donnez le jeton et le SIRET de la collectivité dans "
                f'{path} (token = "…", siret = "…"), ou dans {TOKEN_VARIABLE} et {SIRET_VARIABLE}.'
            )
        )
    register = given.get("register")
    return _checked(
        Access(
            url=str(given.get("url", PRODUCTION)).rstrip("/"),
            token=str(given["token"]),
            siret=str(given["siret"]),
            calls_per_second=_positive(given.get("calls_per_second", CALLS_PER_SECOND)),
            register=None if register is None else home / str(register),
        )
    )


@contextmanager
def reachable(access: Access, today: date) -> Iterator[Access]:
    """Yield an access that somebody answers: a town of imaginary people has its stand-in started meanwhile.

    `today` is the day that the stand-in takes it for.
    """
    if access.register is None:
        yield access
        return
    from exchanges.quotient.register import read_register
    from exchanges.quotient.stand_in import running

    with running(read_register(access.register), lambda: today) as url:
        yield replace(access, url=url, register=None)


def _checked(access: Access) -> Access:
    if len(access.siret) != _SIRET_DIGITS or not access.siret.isdigit():
        raise InvalidData(typeset("Le SIRET de la collectivité compte 14 chiffres. Corrigez-le."))
    address = urlsplit(access.url)
    if address.scheme != "https" and address.hostname not in _LOOPBACK:
        raise InvalidData(
            typeset("L'adresse d'API Particulier doit commencer par https:// : des identités y passent.")
        )
    return access


def _positive(value: object) -> float:
    if isinstance(value, int | float) and value > 0:
        return float(value)
    raise InvalidData(typeset("« calls_per_second » est un nombre d'appels par seconde, plus grand que 0."))
