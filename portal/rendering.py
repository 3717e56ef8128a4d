"""Templates and what every page receives: the town, the reader, the token of its forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from domain.french import NBSP
from domain.time import local_day
from portal.security import form_token, new_form_secret
from portal.visitors import FORM_COOKIE, context_of, set_cookie, visitor_or_none
from records.database import Records
from records.models import Collectivity
from records.operations.accounts import IDLE_MINUTES

FOLDER = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PHONE_GAP = re.compile(r"(?<=\d) (?=\d)")  # a phone number is not cut at the end of a line
# Shown while nobody has set the collectivity up: the pages must still open.
_UNNAMED = "Votre collectivité"
PUBLIC_FORMS = (
    "log_in.html",
    "password.html",
    "forgotten.html",
)
_DEFAULT_ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Site:
    """The collectivity as its pages name it."""

    town: str
    contact: str
    timezone: str
    is_training: bool


def site_of(records: Records) -> Site:
    """Return the collectivity's own words, or neutral ones before it is set up."""
    with records.read() as session:
        town = session.get(Collectivity, 1)
        if town is None:
            return Site(_UNNAMED, "à l'accueil du service", _DEFAULT_ZONE, False)
        return Site(town.name, _PHONE_GAP.sub(NBSP, town.contact), town.timezone, town.is_training)


def render(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page; a visitor without a session gets, with a form only, the cookie that its token is bound to."""
    site = site_of(context_of(request).records)
    visitor = visitor_or_none(request)
    secret = visitor.token if visitor else request.cookies.get(FORM_COOKIE)
    fresh = new_form_secret() if secret is None and template in PUBLIC_FORMS else None
    page = TEMPLATES.get_template(template).render(
        {
            "active": "",
            "idle_minutes": IDLE_MINUTES,
            "reference": "",
            "site": site,
            "visitor": visitor,
            "form_token": form_token(secret or fresh or ""),
            **values,
        }
    )
    response = HTMLResponse(page, status_code=status)
    if fresh is not None:
        set_cookie(response, request, FORM_COOKIE, fresh)
    return response


def local_now(request: Request) -> tuple[int, date]:
    """Return now (µs UTC) and the collectivity's civil day of now."""
    records = context_of(request).records
    now = records.clock()
    return now, local_day(now, site_of(records).timezone)
