"""Every kind of request, by its code: adding one is adding it here."""

from __future__ import annotations

from typing import Any

from records.operations.lookup import invalid
from records.requests.adults import Representative, Spouse
from records.requests.days import Absences, Bookings
from records.requests.diets import Diets
from records.requests.documents import SentDocument
from records.requests.enrolling import Enrolling, SchoolEnrolling
from records.requests.health import Health
from records.requests.kind import RequestKind
from records.requests.money import Bank, Caf, Tax
from records.requests.newcomers import AddChild, PickUp
from records.requests.papers import Authorisations, Complementary

KINDS: dict[str, RequestKind[Any]] = {
    kind.code: kind
    for kind in (
        Representative(),
        Spouse(),
        Tax(),
        Caf(),
        Bank(),
        AddChild(),
        PickUp(),
        Authorisations(),
        Complementary(),
        Diets(),
        Health(),
        SentDocument(),
        Enrolling(),
        SchoolEnrolling(),
        Bookings(),
        Absences(),
    )
}


def kind_of(code: str) -> RequestKind[Any]:
    """Return a kind by its code; raises InvalidData."""
    if code not in KINDS:
        raise invalid(f"Type de demande inconnu : « {code} ». Choisissez dans la liste.", kind=code)
    return KINDS[code]
