"""A human about to be created: what the desk knows of them, before anybody has looked whether they are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A human, created once; `last_name` is the birth name, `used_name` the nom d'usage.

    `sex` (F or M) and the INSEE codes of the place of birth let API Particulier find an allocataire.
    """

    ref: str
    first_name: str
    last_name: str
    used_name: str | None = None
    civility: str | None = None
    birth_date: date | None = None
    email: str | None = None
    phone: str | None = None
    sex: str | None = None
    birth_commune_code: str | None = None
    birth_country_code: str | None = None
