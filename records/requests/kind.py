"""What every kind of request is: a payload, what it would change, and how it is written once accepted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Family, Person
from records.models.base import Editable
from records.operations.lookup import invalid


class Payload(BaseModel):
    """What is wanted, as it is kept for ever: a field is never renamed, another shape is another version.

    A field that was not given is not asked for; one given as None is to be emptied.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Asked(Generic[P]):
    """A request as its kind judges it; `asker` is the adult of the file who asks, None for a closed account."""

    session: Session
    ref: str
    family: Family
    payload: P
    asker: Person | None
    channel: str
    received_on: date
    received_at: int


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a request would change, in words to read: as it is now, and as it is wanted.

    `is_context`: nothing is asked of it, it is there to compare.
    """

    key: str
    label: str
    now: str | None
    new: str | None
    is_context: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about, as it is now: the row it is made against, whose, where, and each value."""

    fields: tuple[Field, ...]
    row: Editable | None = None
    person_id: int | None = None
    structure_id: int | None = None
    service_id: int | None = None


class RequestKind(ABC, Generic[P]):
    """A kind of request. `reading` is the right to read its payload, `writing` those that its acceptance takes.

    `is_personal`: between an adult and the town; the other guardian of the file does not read it.
    `is_rehearsed`: what could not be accepted is refused when it is asked, in the words of the operation, with
    `rehearsal` for what staff will add.
    """

    code: ClassVar[str]
    label: ClassVar[str]
    payloads: ClassVar[tuple[type[Payload], ...]]  # by version, from 1
    completion: ClassVar[type[Payload] | None] = None
    reading: ClassVar[Right] = Right.SEE_FAMILIES
    writing: ClassVar[frozenset[Right]] = frozenset({Right.EDIT_FAMILIES})
    is_personal: ClassVar[bool] = False
    is_rehearsed: ClassVar[bool] = True
    rehearsal: ClassVar[Payload | None] = None

    @abstractmethod
    def look(self, asked: Asked[P]) -> Subject:
        """Return what the request is about, now. Raises InvalidData, NotFound for what is not of its file."""

    @abstractmethod
    def apply(self, records: Records, actor: Actor, asked: Asked[P], given: Payload | None) -> tuple[str, ...]:
        """Write what is wanted by the operations of staff; returns what they say. `given` is the completion."""

    def check_sender(self, write: Write, asked: Asked[P]) -> None:
        """Raise InvalidData, NotFound when a family may not ask this by itself, on the portal, now."""

    def apply_alone(self, records: Records, write: Write, asked: Asked[P]) -> tuple[str, ...] | None:
        """Write what the service accepts before anybody looks; None when somebody has to look."""
        return None

    def needed(self) -> list[Right]:
        """Return the rights that answering these requests takes."""
        return sorted({Right.DECIDE_REQUESTS, self.reading, *self.writing})

    def may_be_decided_by(self, actor: Actor) -> bool:
        """Return whether somebody may answer these requests somewhere."""
        return all(actor.may_somewhere(right) for right in self.needed())

    def read_given(self, values: Mapping[str, object]) -> P:
        """Return the payload of what a form gives, in the newest version. Raises InvalidData naming each fault."""
        return _validated(self.payloads[-1], values)  # type: ignore[return-value]

    def read_completion(self, values: Mapping[str, object]) -> Payload | None:
        """Return what staff add when they accept. Raises InvalidData."""
        if self.completion is not None:
            return _validated(self.completion, values)
        if values:
            raise invalid("Cette demande s'accepte telle quelle : il n'y a rien à compléter.")
        return None

    @property
    def version(self) -> int:
        """The version in which new payloads are written."""
        return len(self.payloads)


def _validated(model: type[Payload], values: Mapping[str, object]) -> Payload:
    try:
        return model.model_validate(values)
    except ValidationError as refusal:
        names = [".".join(map(str, each["loc"])) or "demande" for each in refusal.errors(include_input=False)]
        raise invalid(
            f"La demande est incomplète ou mal remplie : {', '.join(dict.fromkeys(names))}. Corrigez-la.",
            fields=names,
        ) from None
