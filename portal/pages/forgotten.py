"""« Mot de passe oublié » : a link goes to the account's own mail, and nobody is told which accounts exist."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal import answers
from portal.forms import check_form
from portal.rendering import render
from portal.visitors import context_of
from records.operations.account_links import RESET_MINUTES, ask_for_reset
from records.operations.attempts import TooManyAttempts

router = APIRouter(default_response_class=HTMLResponse, responses=answers.REFUSED)
PATH = "/mot-de-passe-oublie"


class ForgottenForm(BaseModel):
    """The form of the page: whose password it is."""

    login: str = Field("", max_length=120)
    form_token: str = Field("", max_length=80)


@router.get(PATH, response_model=None)
def forgotten_page(request: Request) -> Response:
    """Ask whose password was forgotten."""
    return render(request, "forgotten.html", login="", error="", minutes=RESET_MINUTES)


@router.post(
    PATH,
    response_model=None,
    status_code=303,
    response_class=RedirectResponse,
    responses=answers.sends_on("Demande reçue : vers la page de connexion"),
)
def forgotten(request: Request, form: Annotated[ForgottenForm, Form()]) -> Response:
    """Post a link when there is somebody to post it to; the answer is the same in every case."""
    check_form(request, form.form_token)
    address = request.client.host if request.client else None
    try:
        ask_for_reset(context_of(request).records, form.login, address)
    except TooManyAttempts as refused:
        page = render(
            request, "forgotten.html", status=429, login=form.login, error=refused.message, minutes=RESET_MINUTES
        )
        page.headers["Retry-After"] = str(refused.fields["wait_seconds"])
        return page
    return RedirectResponse("/connexion?motif=lien", status_code=303)
