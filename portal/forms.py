"""Every form brings back the token of its cookie; without it nothing is done."""

from __future__ import annotations

from fastapi import Request

from domain.errors import MarelleError
from portal.security import is_form_token
from portal.visitors import FORM_COOKIE, SESSION_COOKIE, visitor_or_none


class FormExpired(MarelleError):
    """The form was opened in another session, by another site, or its cookie was refused."""

    code = "form_expired"


def check_form(request: Request, form_token: str) -> None:
    """Raise FormExpired unless the posted token belongs to this browser's own cookie."""
    cookie = SESSION_COOKIE if visitor_or_none(request) else FORM_COOKIE
    if not is_form_token(form_token, request.cookies.get(cookie)):
        raise FormExpired("Ce formulaire n'est plus valable. Rien n'a été enregistré. Recommencez.")
