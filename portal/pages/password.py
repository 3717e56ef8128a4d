"""Choosing a password with the link one was given: to activate an account, or because it was forgotten."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from domain.errors import InvalidData
from portal import answers
from portal.forms import check_form
from portal.rendering import render
from portal.visitors import context_of
from records.operations.account_links import LinkRefused, account_of_link, use_link

router = APIRouter(default_response_class=HTMLResponse, responses=answers.REFUSED)
TWO_DIFFER = "Les deux mots de passe diffèrent. Rien n'a été enregistré. Tapez-les de nouveau."


class PasswordForm(BaseModel):
    """The form of the page: the link's token, and the same password twice."""

    token: str = Field("", max_length=80)
    password: str = Field("", max_length=400)
    again: str = Field("", max_length=400)
    form_token: str = Field("", max_length=80)


@router.get("/mot-de-passe", response_model=None)
def password_page(request: Request, jeton: str = "") -> Response:
    """Show the form of a link that works, or say that it no longer does."""
    return _page(request, jeton, "", status=200)


@router.post(
    "/mot-de-passe",
    response_model=None,
    status_code=303,
    response_class=RedirectResponse,
    responses=answers.sends_on("Mot de passe enregistré : vers la page de connexion"),
)
def choose_password(request: Request, form: Annotated[PasswordForm, Form()]) -> Response:
    """Keep the password, and lead to the log-in page; a weak one is refused with what to do."""
    check_form(request, form.form_token)
    if form.password != form.again:
        return _page(request, form.token, TWO_DIFFER, status=400)
    try:
        use_link(context_of(request).records, form.token, form.password)
    except InvalidData as refused:
        return _page(request, form.token, refused.message, status=400)
    except LinkRefused:
        return _page(request, form.token, "", status=400)
    return RedirectResponse("/connexion?motif=mot-de-passe", status_code=303)


def _page(request: Request, token: str, error: str, *, status: int) -> Response:
    try:
        login = account_of_link(context_of(request).records, token)
    except LinkRefused as refused:
        return render(request, "password.html", status=410, token="", login="", error=refused.message)
    return render(request, "password.html", status=status, token=token, login=login, error=error)
