"""Bodies that pay or look after children: département, MSA, works council, home… (domain notes §3, §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from records.actors import Actor, Right
from records.database import Records
from records.models import PayingBody
from records.models.bodies import BODY_KINDS
from records.operations.kept_lists import Kept, add_kept, row_to_edit
from records.operations.lookup import change, invalid
from records.operations.registry import Scope, operation

BODY_FIELDS = frozenset({"name", "kind", "siret", "street", "postcode", "commune", "email", "phone", "valid_to"})
_SIRET_DIGITS = 14


@dataclass(frozen=True, slots=True)
class NewBody:
    """A body from a day on, and where to write to it."""

    ref: str
    name: str
    kind: str
    valid_from: date
    siret: str | None = None
    street: str | None = None
    postcode: str | None = None
    commune: str | None = None
    email: str | None = None
    phone: str | None = None
    valid_to: date | None = None


@operation(Right.EDIT_REFERENCE)
def add_paying_body(records: Records, actor: Actor, body: NewBody) -> int:
    """Add a body; returns its id. Raises InvalidData."""
    values = asdict(body)
    _check(values)
    with records.write(actor, "add_paying_body") as write:
        return add_kept(write, PayingBody, values)


@operation(Right.EDIT_REFERENCE)
def edit_paying_body(
    records: Records, actor: Actor, ref: str, changes: Mapping[str, object], row_version: int
) -> bool:
    """Change BODY_FIELDS of a body; False when nothing differs. Raises Conflict, InvalidData, NotFound."""
    values = dict(changes)
    _check(values)
    with records.write(actor, "edit_paying_body") as write:
        row = row_to_edit(write, PayingBody, ref, values, BODY_FIELDS)
        return change(write, row, values, row_version=row_version)


@operation(Right.SEE_FAMILIES, Scope.ANYWHERE)
def paying_bodies(records: Records, actor: Actor) -> list[Kept[NewBody]]:
    """Return every body, ended ones too, by name."""
    with records.read() as session:
        rows = session.scalars(select(PayingBody).order_by(PayingBody.name, PayingBody.id))
        return [
            Kept(
                NewBody(
                    row.ref,
                    row.name,
                    row.kind,
                    row.valid_from,
                    row.siret,
                    row.street,
                    row.postcode,
                    row.commune,
                    row.email,
                    row.phone,
                    row.valid_to,
                ),
                row.row_version,
            )
            for row in rows
        ]


def _check(values: dict[str, object]) -> None:
    """Raise InvalidData for an unknown kind or a SIRET that is none; spaces in a SIRET go."""
    if values.get("kind", BODY_KINDS[0]) not in BODY_KINDS:
        raise invalid(f"Nature d'organisme inconnue : « {values['kind']} ».", kind=values["kind"])
    if values.get("siret") is not None:
        siret = str(values["siret"]).replace(" ", "")
        if len(siret) != _SIRET_DIGITS or not siret.isdigit():
            raise invalid(f"Un SIRET a {_SIRET_DIGITS} chiffres : vérifiez-le.", siret=siret)
        values["siret"] = siret
