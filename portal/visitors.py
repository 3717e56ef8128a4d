"""Who is reading: the session cookie, and what it opens."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from portal.context import PortalContext
from records.actors import Actor, Right
from records.operations import accounts

SESSION_COOKIE = "marelle_session"
FORM_COOKIE = "marelle_form"


class SignedOut(Exception):
    """The page needs a session and there is none; `was_signed_in` when one has just run out."""

    def __init__(self, was_signed_in: bool) -> None:
        super().__init__()
        self.was_signed_in = was_signed_in


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with an open session."""

    actor: Actor
    token: str

    @property
    def name(self) -> str:
        """The name of the account, as the audit writes it."""
        return self.actor.name

    @property
    def is_family(self) -> bool:
        """True when the account reads a family's own pages."""
        return self.actor.person_id is not None and self.actor.may_somewhere(Right.SEE_OWN_FAMILY)

    @property
    def is_staff(self) -> bool:
        """True when the account has at least one role besides the family's."""
        return any(grant.role != "family" for grant in self.actor.grants)


def context_of(request: Request) -> PortalContext:
    """Return what the application was created with."""
    context: PortalContext = request.app.state.portal
    return context


def visitor_or_none(request: Request) -> Visitor | None:
    """Return the person behind the cookie, or None; asked once a request."""
    if not hasattr(request.state, "visitor"):
        token = request.cookies.get(SESSION_COOKIE)
        actor = accounts.actor_of_session(context_of(request).records, token) if token else None
        request.state.visitor = None if actor is None or token is None else Visitor(actor, token)
    visitor: Visitor | None = request.state.visitor
    return visitor


def visitor_of(request: Request) -> Visitor:
    """Return the person behind the cookie; raises SignedOut."""
    visitor = visitor_or_none(request)
    if visitor is None:
        raise SignedOut(was_signed_in=SESSION_COOKIE in request.cookies)
    return visitor


def set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send; it ends with the browser."""
    response.set_cookie(name, value, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")


def drop_cookie(response: Response, request: Request, name: str) -> None:
    """Remove a cookie set by `set_cookie`."""
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")
