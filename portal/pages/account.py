"""One's own account, of a family or of staff: password, second factor and recovery codes, open sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from domain.errors import InvalidData
from domain.french import clock, medium_date, typeset
from domain.time import local_day, local_minute
from portal import answers
from portal.forms import check_form
from portal.rendering import render, site_of
from portal.visitors import Visitor, context_of, visitor_of
from records.operations import own_account
from records.operations.attempts import TooManyAttempts
from records.operations.second_factor import confirm_second_factor

router = APIRouter(default_response_class=HTMLResponse, responses=answers.SIGNED_IN)
Reader = Annotated[Visitor, Depends(visitor_of)]
TWO_DIFFER = "Les deux nouveaux mots de passe diffèrent. Rien n'a été enregistré. Tapez-les de nouveau."
_DONE = {
    "mot-de-passe": "Votre mot de passe est changé. Vos autres sessions sont fermées.",
    "second-facteur-retire": "Votre compte n'a plus de second facteur.",
    "sessions": "Vos autres sessions sont fermées.",
}
_SENDS_BACK = answers.sends_on("Fait : vers la page du compte")


class PasswordChange(BaseModel):
    """The form that changes one's password: the one in use, and the new one twice."""

    current: str = Field("", max_length=400)
    password: str = Field("", max_length=400)
    again: str = Field("", max_length=400)
    form_token: str = Field("", max_length=80)


class Confirmation(BaseModel):
    """A form that asks for one's password again."""

    current: str = Field("", max_length=400)
    form_token: str = Field("", max_length=80)


class Code(BaseModel):
    """A first code of the application."""

    code: str = Field("", max_length=40)
    form_token: str = Field("", max_length=80)


@router.get("/compte", response_model=None)
def account_page(request: Request, visitor: Reader, fait: str = "") -> Response:
    """Show one's account."""
    return _page(request, visitor, notice=_DONE.get(fait, ""))


@router.post(
    "/compte/mot-de-passe",
    response_model=None,
    status_code=303,
    response_class=RedirectResponse,
    responses=_SENDS_BACK,
)
def change_password(request: Request, visitor: Reader, form: Annotated[PasswordChange, Form()]) -> Response:
    """Change one's password."""
    check_form(request, form.form_token)
    if form.password != form.again:
        return _page(request, visitor, fault=("password", TWO_DIFFER), status=400)
    try:
        own_account.change_password(context_of(request).records, visitor.token, form.current, form.password)
    except (InvalidData, TooManyAttempts) as refused:
        return _page(request, visitor, fault=("password", refused.message), status=_status(refused))
    return _back("mot-de-passe")


@router.post("/compte/second-facteur", response_model=None)
def begin_second_factor(request: Request, visitor: Reader, form: Annotated[Confirmation, Form()]) -> Response:
    """Show the secret of a second factor, once; a first code puts it in force."""
    check_form(request, form.form_token)
    try:
        begun = own_account.begin_own_second_factor(context_of(request).records, visitor.token, form.current)
    except (InvalidData, TooManyAttempts) as refused:
        return _page(request, visitor, fault=("factor", refused.message), status=_status(refused))
    key = " ".join(begun.secret[start : start + 4] for start in range(0, len(begun.secret), 4))
    return render(request, "second_factor.html", active="account", key=key, link=begun.address, error="", codes=())


@router.post("/compte/second-facteur/code", response_model=None)
def confirm(request: Request, visitor: Reader, form: Annotated[Code, Form()]) -> Response:
    """Put the second factor in force; shows the recovery codes, once."""
    check_form(request, form.form_token)
    try:
        codes = confirm_second_factor(context_of(request).records, visitor.token, form.code)
    except InvalidData as refused:
        values = {"key": "", "link": "", "codes": ()}
        return render(request, "second_factor.html", 400, active="account", error=refused.message, **values)
    return render(request, "second_factor.html", active="account", key="", link="", error="", codes=codes)


@router.post("/compte/codes-de-secours", response_model=None)
def renew_codes(request: Request, visitor: Reader, form: Annotated[Confirmation, Form()]) -> Response:
    """Replace one's recovery codes; shows them, once."""
    check_form(request, form.form_token)
    try:
        codes = own_account.renew_recovery_codes(context_of(request).records, visitor.token, form.current)
    except (InvalidData, TooManyAttempts) as refused:
        return _page(request, visitor, fault=("factor", refused.message), status=_status(refused))
    return render(request, "second_factor.html", active="account", key="", link="", error="", codes=codes)


@router.post(
    "/compte/second-facteur/retirer",
    response_model=None,
    status_code=303,
    response_class=RedirectResponse,
    responses=_SENDS_BACK,
)
def remove_second_factor(request: Request, visitor: Reader, form: Annotated[Confirmation, Form()]) -> Response:
    """Take one's second factor away."""
    check_form(request, form.form_token)
    try:
        own_account.remove_own_second_factor(context_of(request).records, visitor.token, form.current)
    except (InvalidData, TooManyAttempts) as refused:
        return _page(request, visitor, fault=("factor", refused.message), status=_status(refused))
    return _back("second-facteur-retire")


@router.post(
    "/compte/sessions",
    response_model=None,
    status_code=303,
    response_class=RedirectResponse,
    responses=_SENDS_BACK,
)
def close_sessions(
    request: Request, visitor: Reader, form_token: Annotated[str, Form(max_length=80)] = ""
) -> Response:
    """Close one's sessions everywhere else."""
    check_form(request, form_token)
    own_account.close_my_other_sessions(context_of(request).records, visitor.token)
    return _back("sessions")


def _page(
    request: Request, visitor: Visitor, *, fault: tuple[str, str] = ("", ""), notice: str = "", status: int = 200
) -> Response:
    """Return the account's page; a fault names the form that it belongs to (`password`, `factor`)."""
    records = context_of(request).records
    zone = site_of(records).timezone
    mine = own_account.my_account(records, visitor.token)
    sessions = [
        (_instant(each.created_at, zone), _instant(each.last_seen_at, zone), each.is_this_one)
        for each in own_account.my_sessions(records, visitor.token)
    ]
    changed = None if mine.password_set_at is None else medium_date(local_day(mine.password_set_at, zone))
    return render(
        request,
        "account.html",
        status,
        active="account",
        account=mine,
        changed=changed,
        sessions=sessions,
        notice=notice,
        fault_form=fault[0],
        fault=fault[1],
        back="/" if visitor.is_family else context_of(request).dashboards_url,
    )


def _instant(micros: int, zone: str) -> str:
    return typeset(f"{medium_date(local_day(micros, zone))} à {clock(local_minute(micros, zone))}")


def _back(done: str) -> Response:
    return RedirectResponse(f"/compte?fait={done}", status_code=303)


def _status(refused: Exception) -> int:
    return 429 if isinstance(refused, TooManyAttempts) else 400
