"""« Régime alimentaire »: what a child eats from a day on, as what is served, never why."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from records.actors import Actor
from records.database import Records
from records.models import Diet, Person
from records.operations.diets import add_diet, end_diet
from records.operations.families import NewDiet, check_diet
from records.operations.lookup import in_force_on, invalid
from records.operations.merged import ids_with_merged
from records.requests.files import child_of
from records.requests.kind import Asked, Field, Payload, RequestKind, Subject
from records.requests.words import joined, said


class DietV1(Payload):
    """A diet from a day on; its code `panier_repas` is seated and listed, never ordered for."""

    code: str
    label: str
    valid_from: date
    valid_to: date | None = None


class EndedDietV1(Payload):
    """A diet that no longer holds; `on` is the first day it does not."""

    diet_id: int
    on: date


class DietsV1(Payload):
    """Diets to add to a child and diets to end."""

    child_ref: str
    added: tuple[DietV1, ...] = ()
    ended: tuple[EndedDietV1, ...] = ()


class Diets(RequestKind[DietsV1]):
    """Sans porc, végétarien, panier repas…"""

    code = "diets"
    label = "Régime alimentaire"
    payloads = (DietsV1,)

    def look(self, asked: Asked[DietsV1]) -> Subject:
        """Return the child's diets of the day, then each one to add or to end."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        if not wanted.added and not wanted.ended:
            raise invalid("Dites quel régime commence ou se termine.")
        diets = {row.id: row for row in _diets(asked, child)}
        known = joined(row.label for row in diets.values())
        fields = [Field("known", "Régimes notés", known, known, is_context=True)]
        for number, each in enumerate(wanted.added, 1):
            check_diet(_new(each))
            words = joined((each.label, _span(each)))
            fields.append(Field(f"added:{number}", "À ajouter", None, words))
        for end in wanted.ended:
            row = diets.get(end.diet_id)
            if row is None:
                raise invalid("Ce régime n'est plus noté. Rechargez la page.")
            fields.append(Field(f"ended:{row.id}", f"À terminer : {row.label}", said(row.valid_to), said(end.on)))
        return Subject(tuple(fields), person_id=child.id)

    def apply(
        self, records: Records, actor: Actor, asked: Asked[DietsV1], given: Payload | None
    ) -> tuple[str, ...]:
        """End the diets, then add the others: one may follow another of its code."""
        wanted = asked.payload
        child = child_of(asked, wanted.child_ref)
        versions = {row.id: row.row_version for row in _diets(asked, child)}
        for end in wanted.ended:
            end_diet(records, actor, end.diet_id, end.on, versions[end.diet_id])
        for each in wanted.added:
            add_diet(records, actor, child.ref, _new(each))
        return ()


def _new(each: DietV1) -> NewDiet:
    return NewDiet(each.code, each.label, each.valid_from, each.valid_to)


def _span(each: DietV1) -> str | None:
    end = None if each.valid_to is None else f"jusqu'au {said(each.valid_to)}"
    return joined((f"à partir du {said(each.valid_from)}", end), " ")


def _diets(asked: Asked[DietsV1], child: Person) -> list[Diet]:
    """Return the diets that hold on the day of the request."""
    rows = asked.session.scalars(
        select(Diet)
        .where(
            Diet.person_id.in_(ids_with_merged(asked.session, Person, child.id)),
            *in_force_on(asked.received_on, Diet.valid_from, Diet.valid_to),
        )
        .order_by(Diet.id)
    )
    return list(rows)
