"""What every staff page starts from: the records, the published figures, and who is reading.

Nothing here lives in `st.session_state`: the records are one per process and safe between threads; the person
is asked again at each run, so that a session closed elsewhere shows nothing more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.errors import NotFound
from domain.time import local_day
from records.actors import Actor, Right
from records.database import Records, open_records, records_url
from records.models import Collectivity, SchoolClass, SchoolYear, Service, Structure
from records.operations import accounts
from warehouse.reader import Reader, open_snapshot

SESSION_COOKIE = "marelle_session"  # set by the portal's log-in page (docs/adr/0010)
HOME_VARIABLE, DATABASE_VARIABLE, PORTAL_VARIABLE = "MARELLE_HOME", "MARELLE_DATABASE_URL", "MARELLE_PORTAL_URL"
_DEFAULT_ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Site:
    """The collectivity as its pages name it."""

    town: str
    timezone: str
    is_training: bool


def home() -> Path:
    """Return the folder of this collectivity."""
    return Path(os.environ.get(HOME_VARIABLE, "data"))


def portal_url() -> str:
    """Return the address of the portal, without a final slash."""
    return os.environ.get(PORTAL_VARIABLE, "http://127.0.0.1:8020").rstrip("/")


def records() -> Records:
    """Return this process's records."""
    return _records(records_url(home(), os.environ.get(DATABASE_VARIABLE)))


@st.cache_resource
def _records(url: str) -> Records:
    return open_records(url)


def snapshot() -> Reader:
    """Return a reader of the newest published figures; raises SnapshotMissing or SnapshotDamaged."""
    return open_snapshot(home())


@dataclass(frozen=True, slots=True)
class Visit:
    """One run of a page: who reads, for which collectivity, on which of its days."""

    actor: Actor
    site: Site
    now: int
    today: date

    def structure_refs(self, right: Right) -> list[str] | None:
        """Return the structures where the reader has a right, None for all of them; raises NotAllowed."""
        ids = self.actor.structures_with(right)
        if ids is None:
            return None
        if not ids:
            self.actor.require(right)
        with records().read() as session:
            return list(session.scalars(select(Structure.ref).where(Structure.id.in_(ids)).order_by(Structure.ref)))

    def may(self, right: Right, structure_ref: str) -> bool:
        """Say whether the reader has a right at a structure."""
        if not self.actor.may_somewhere(right):
            return False
        refs = self.structure_refs(right)
        return refs is None or structure_ref in refs

    def places(self, right: Right) -> dict[str, str]:
        """Return the name of each structure where the reader has a right, by ref; raises NotAllowed, NotFound."""
        refs = self.structure_refs(right)
        with records().read() as session:
            rows = session.execute(select(Structure.ref, Structure.name).order_by(Structure.name, Structure.ref))
            found = {ref: name for ref, name in rows if refs is None or ref in refs}
        if not found:
            raise NotFound("Aucune structure n'est enregistrée : à l'administration d'ajouter les lieux.")
        return found

    def service_names(self) -> dict[str, str]:
        """Return the name of each service by ref, in the order of names."""
        with records().read() as session:
            return {ref: label for ref, label in session.execute(_named(Service.ref, Service.label))}

    def class_names(self, places: Iterable[str]) -> dict[str, str]:
        """Return the name of each class of places, of the school years that are not over, by ref."""
        wanted = (
            _named(SchoolClass.ref, SchoolClass.name)
            .join(Structure, Structure.id == SchoolClass.structure_id)
            .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
            .where(Structure.ref.in_(sorted(places)), SchoolYear.ends_on > self.today)
        )
        with records().read() as session:
            return {ref: name for ref, name in session.execute(wanted)}


def _named(ref: InstrumentedAttribute[str], name: InstrumentedAttribute[str]) -> Select[str, str]:
    return select(ref, name).order_by(name, ref)


def site() -> Site:
    """Return the collectivity's own words, or neutral ones before it is set up."""
    with records().read() as session:
        town = session.get(Collectivity, 1)
        if town is None:
            return Site("Votre collectivité", _DEFAULT_ZONE, False)
        return Site(town.name, town.timezone, town.is_training)


def session_token() -> str | None:
    """Return the log-in page's cookie, as the browser sent it when this page was opened."""
    return st.context.cookies.get(SESSION_COOKIE)


def still_signed_in() -> Actor | None:
    """Return who reads, for a part that refreshes by itself: it must not keep a session open."""
    token = session_token()
    return accounts.actor_of_session(records(), token, is_activity=False) if token else None


def visit_of_page() -> Visit | None:
    """Return the visit of the person behind the log-in page's cookie; None without an open session."""
    token = session_token()
    actor = accounts.actor_of_session(records(), token) if token else None
    if actor is None:
        return None
    found, now = site(), records().clock()
    return Visit(actor, found, now, local_day(now, found.timezone))
