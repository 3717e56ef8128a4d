"""The imaginary allocataires that the local stand-in knows: a JSON file, of nobody who lives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from domain.errors import InvalidData
from domain.names import search_key


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of a household, in the words of the API."""

    nom_naissance: str
    prenoms: str
    date_naissance: str
    sexe: str
    nom_usage: str | None = None
    code_cog_insee_commune_naissance: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A household: `quotients` by month (« 2026-09 ») hold until the next one, `resources` are (euros, year).

    `failures` are HTTP statuses answered first, one a question, as a service that stumbles.
    """

    fournisseur: str
    allocataires: tuple[Somebody, ...]
    enfants: tuple[Somebody, ...] = ()
    quotients: dict[str, int] = field(default_factory=dict)
    resources: tuple[int, int] | None = None
    aeeh: int = 0
    failures: tuple[int, ...] = ()

    def quotient_of(self, month: date) -> int | None:
        """Return the QF of a month, None when there is none yet."""
        known = [key for key in sorted(self.quotients) if key <= f"{month:%Y-%m}"]
        return self.quotients[known[-1]] if known else None


@dataclass(frozen=True, slots=True)
class Register:
    """Who is known, the token that opens it, and the calls a second that it allows."""

    token: str
    dossiers: tuple[Dossier, ...]
    calls_per_second: int = 20

    def find(self, asked: dict[str, list[str]]) -> Dossier | None:
        """Return the household of an allocataire: birth name, a first name, and the birth date and place given."""
        for dossier in self.dossiers:
            if any(_is_asked(person, asked) for person in dossier.allocataires):
                return dossier
        return None


def write_register(path: Path, token: str, dossiers: Sequence[Dossier]) -> None:
    """Write a register; the same households give the same bytes."""
    content = asdict(Register(token, tuple(dossiers)))
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_register(path: Path) -> Register:
    """Return a register. Raises InvalidData when the file is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        dossiers = tuple(_dossier(each) for each in content["dossiers"])
        return Register(str(content["token"]), dossiers, int(content["calls_per_second"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidData(
            f"Le fichier {path} des allocataires imaginaires ne se lit pas ({type(error).__name__}). "
            "Recréez la ville de démonstration avec « marelle demo »."
        ) from None


def _dossier(content: dict[str, Any]) -> Dossier:
    resources = content["resources"]
    return Dossier(
        fournisseur=str(content["fournisseur"]),
        allocataires=tuple(Somebody(**each) for each in content["allocataires"]),
        enfants=tuple(Somebody(**each) for each in content["enfants"]),
        quotients={str(month): int(value) for month, value in content["quotients"].items()},
        resources=None if resources is None else (int(resources[0]), int(resources[1])),
        aeeh=int(content["aeeh"]),
        failures=tuple(int(status) for status in content["failures"]),
    )


def _is_asked(person: Somebody, asked: dict[str, list[str]]) -> bool:
    def given(name: str) -> str:
        return (asked.get(name) or [""])[0]

    if search_key(given("nomNaissance")) != search_key(person.nom_naissance):
        return False
    first_names = {search_key(name) for name in asked.get("prenoms[]", [])}
    if not first_names & set(search_key(person.prenoms).split()):
        return False
    # Without its year a birth is not found: too many people share a name.
    birth = [given(name) for name in ("anneeDateNaissance", "moisDateNaissance", "jourDateNaissance")]
    known = [str(int(part)) for part in person.date_naissance.split("-")]
    if not birth[0] or any(said and said != true for said, true in zip(birth, known, strict=True)):
        return False
    place = given("codeCogInseeCommuneNaissance")
    return not place or place == person.code_cog_insee_commune_naissance
