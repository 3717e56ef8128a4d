"""Log in and out: one page for staff and families (docs/adr/0010)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from domain.french import NBSP
from portal import answers
from portal.forms import check_form
from portal.rendering import render
from portal.security import safe_path
from portal.visitors import (
    FORM_COOKIE,
    SESSION_COOKIE,
    Visitor,
    context_of,
    drop_cookie,
    set_cookie,
    visitor_of,
    visitor_or_none,
)
from records.operations import accounts

router = APIRouter(default_response_class=HTMLResponse, responses=answers.REFUSED)
STAFF = "dashboards"
WRONG_PAIR = "E-mail ou mot de passe incorrect. Attendez un peu, ou demandez de l'aide au service."
WRONG_CODE = "E-mail, mot de passe ou code incorrect. Attendez le code suivant, ou demandez de l'aide au service."
IDLE_NOTICE = (
    f"Session fermée après {accounts.IDLE_MINUTES} minutes sans activité. Reconnectez-vous pour continuer."
)
SIGNED_OUT_NOTICE = f"Votre session est fermée. Bonne journée{NBSP}!"
CHOSEN_NOTICE = "Votre mot de passe est enregistré. Connectez-vous."
SENT_NOTICE = (
    "Si ce compte existe et qu'il a une adresse e-mail, un lien vient d'y partir. Ouvrez votre messagerie, et "
    "regardez aussi dans les indésirables."
)
_NOTICES = {
    "inactivite": IDLE_NOTICE,
    "deconnexion": SIGNED_OUT_NOTICE,
    "mot-de-passe": CHOSEN_NOTICE,
    "lien": SENT_NOTICE,
}


class LogInForm(BaseModel):
    """The form of the log-in page; `code` is asked for once the password was right."""

    login: str = Field("", max_length=120)
    password: str = Field("", max_length=200)
    code: str = Field("", max_length=40)
    suite: str = Field("", max_length=400)
    form_token: str = Field("", max_length=80)


def landing(request: Request, visitor: Visitor, wanted: str) -> str:
    """Return where a person goes after log-in: staff to their pages, families to the asked page or home."""
    dashboards = context_of(request).dashboards_url
    if visitor.is_staff and (wanted == STAFF or not visitor.is_family):
        return dashboards
    return (safe_path(wanted) if visitor.is_family else None) or "/"


@router.get("/connexion", response_model=None, responses=answers.sends_on("Déjà connecté : vers ses pages"))
def log_in_page(request: Request, suite: str = "", motif: str = "") -> Response:
    """Show the form, or send on a person who is already signed in."""
    visitor = visitor_or_none(request)
    if visitor is not None and landing(request, visitor, suite) != request.url.path:
        return RedirectResponse(landing(request, visitor, suite), status_code=303)
    return render(
        request, "log_in.html", suite=suite, login="", error="", notice=_NOTICES.get(motif, ""), wants_code=False
    )


@router.post(
    "/connexion",
    response_model=None,
    status_code=303,
    response_class=RedirectResponse,
    responses=answers.sends_on("Connecté : vers ses pages"),
)
def log_in(request: Request, form: Annotated[LogInForm, Form()]) -> Response:
    """Open a session, or say with one same message that the pair is not right."""
    check_form(request, form.form_token)
    records = context_of(request).records
    address = request.client.host if request.client else None
    given = accounts.Credentials(form.login.strip(), form.password, form.code, address)
    try:
        token, actor = accounts.sign_in(records, given, records.clock())
    except accounts.LogInRefused as refused:
        return _refused(request, refused, form)
    previous = request.cookies.get(SESSION_COOKIE)
    if previous:
        accounts.log_out(records, previous)
    response = RedirectResponse(landing(request, Visitor(actor, token), form.suite), status_code=303)
    set_cookie(response, request, SESSION_COOKIE, token)
    drop_cookie(response, request, FORM_COOKIE)
    return response


def _refused(request: Request, refused: accounts.LogInRefused, form: LogInForm) -> Response:
    """Return the form again; how long to wait is said, which names exist never is."""
    wait_seconds = refused.fields.get("wait_seconds")
    wants_code = isinstance(refused, accounts.CodeWanted)
    if wait_seconds is not None or wants_code:
        error = refused.message
    else:
        error = WRONG_CODE if form.code else WRONG_PAIR
    page = render(
        request,
        "log_in.html",
        status=401 if wait_seconds is None else 429,
        suite=form.suite,
        login=form.login,
        error=error,
        notice="",
        wants_code=wants_code or bool(form.code),
    )
    if wait_seconds is not None:
        page.headers["Retry-After"] = str(wait_seconds)
    return page


@router.get("/deconnexion", response_model=None, responses=answers.SIGNED_IN)
def log_out_page(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Response:
    """Ask before closing: staff pages link here, and a link alone must change nothing."""
    return render(request, "log_out.html")


@router.post(
    "/deconnexion",
    response_model=None,
    status_code=303,
    response_class=RedirectResponse,
    responses=answers.sends_on("Session fermée : vers la page de connexion"),
)
def log_out(request: Request, form_token: Annotated[str, Form(max_length=80)] = "") -> Response:
    """Close the session everywhere it is kept."""
    check_form(request, form_token)
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        accounts.log_out(context_of(request).records, token)
    response = RedirectResponse("/connexion?motif=deconnexion", status_code=303)
    drop_cookie(response, request, SESSION_COOKIE)
    return response
