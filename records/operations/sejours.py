"""Whether a child fits in a séjour: its days, its ages, its places, and those who were there before (notes §5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.capacity import age_in_months, age_words
from domain.french import plural, short_date
from domain.time import local_day
from records.database import Write
from records.models import Enrolment, Person, Sejour, Structure, WaitingEntry
from records.operations.lookup import invalid
from records.operations.merged import unmerged


def check_sejour(session: Session, sejour: Sejour, enrolment: Enrolment) -> None:
    """Raise InvalidData for an enrolment that is not of the séjour's service, place, days and ages."""
    if sejour.cancelled_on is not None:
        raise invalid(f"Le séjour « {sejour.label} » est annulé.", sejour=sejour.ref)
    if (sejour.service_id, sejour.structure_id) != (enrolment.service_id, enrolment.structure_id):
        raise invalid(f"Le séjour « {sejour.label} » n'est pas de ce service et de ce lieu.", sejour=sejour.ref)
    if (enrolment.valid_from, enrolment.valid_to) != (sejour.starts_on, sejour.ends_on):
        raise invalid(
            f"L'inscription doit couvrir tout le séjour : du {short_date(sejour.starts_on)} "
            f"au {short_date(sejour.ends_on)}, jour du retour exclu.",
            sejour=sejour.ref,
        )
    check_age(session, sejour, enrolment.person_id)


def check_age(session: Session, sejour: Sejour, person_id: int) -> None:
    """Raise InvalidData for a child outside the séjour's ages on its first day, or whose birth date is missing."""
    born = session.get_one(Person, person_id).birth_date
    if born is None:
        raise invalid("La date de naissance manque : ajoutez-la au dossier, le séjour a un âge.", sejour=sejour.ref)
    if not sejour.age_from_months <= age_in_months(born, sejour.starts_on) < sejour.age_to_months:
        raise invalid(
            f"Le séjour « {sejour.label} » est pour les enfants de {age_words(sejour.age_from_months)} "
            f"à moins de {age_words(sejour.age_to_months)} au {short_date(sejour.starts_on)}.",
            sejour=sejour.ref,
        )


def free_places(write: Write, sejour: Sejour, but: Iterable[int] = ()) -> int:
    """Return how many places are neither taken nor offered; an offer to one of the people `but` holds nothing."""
    return places_left(write.session, sejour, write.now, but)


def places_left(session: Session, sejour: Sejour, now: int, but: Iterable[int] = ()) -> int:
    """Return what `free_places` does, at an instant (µs UTC), to who only reads."""
    today = local_day(now, session.get_one(Structure, sejour.structure_id).timezone)
    taken = session.scalar(
        select(func.count(Enrolment.person_id.distinct())).where(
            Enrolment.sejour_id == sejour.id, unmerged(Enrolment.person_id)
        )
    )
    held = session.scalar(
        select(func.count()).where(
            WaitingEntry.sejour_id == sejour.id,
            WaitingEntry.state == "offered",
            WaitingEntry.offered_until >= today,
            WaitingEntry.person_id.not_in(list(but)),
        )
    )
    return sejour.places - (taken or 0) - (held or 0)


def refuse_full_sejours(write: Write, enrolments: Sequence[Enrolment]) -> None:
    """Raise InvalidData when written enrolments take more places than there are, or pass before those who wait."""
    session = write.session
    of_sejour: dict[int, list[int]] = {}
    for each in enrolments:
        if each.sejour_id is not None:
            of_sejour.setdefault(each.sejour_id, []).append(each.person_id)
    for sejour_id, people in of_sejour.items():
        sejour = session.get_one(Sejour, sejour_id)
        if free_places(write, sejour, people) < 0:
            raise invalid(
                f"Le séjour « {sejour.label} » est complet : {plural(sejour.places, 'place')}. "
                "Mettez l'enfant sur la liste d'attente.",
                sejour=sejour.ref,
            )
        waiting = _waiting_before(session, sejour_id, people)
        if waiting:
            raise invalid(
                f"{plural(waiting, 'enfant attend', 'enfants attendent')} une place du séjour « {sejour.label} » : "
                "proposez-la d'abord au premier de la liste.",
                sejour=sejour.ref,
                waiting=waiting,
            )


def _waiting_before(session: Session, sejour_id: int, people: Sequence[int]) -> int:
    """Return how many wait, when one of the people has neither an offer nor the place since before."""
    of_sejour = WaitingEntry.sejour_id == sejour_id
    offered = set(
        session.scalars(
            select(WaitingEntry.person_id).where(of_sejour, WaitingEntry.state.in_(("offered", "accepted")))
        )
    )
    if set(people) <= offered:
        return 0
    others = select(func.count()).where(
        of_sejour, WaitingEntry.state == "waiting", WaitingEntry.person_id.not_in(list(people))
    )
    return session.scalar(others) or 0
