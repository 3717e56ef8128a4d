"""What is kept about people, kind by kind, as `data_kinds.toml` says it: for the register and for retention."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from domain.errors import NotFound
from domain.french import typeset


@dataclass(frozen=True, slots=True)
class DataKind:
    """A kind of data: French words for people, and the duration proposed, in months after `counted_from`.

    `months` None: Marelle never erases it by itself. `ending`: `erase` or `anonymise`.
    """

    code: str
    label: str
    data: str
    purpose: str
    basis: str
    recipients: str
    counted_from: str
    ending: str
    reference: str
    months: int | None = None


COUNTED_FROM_WORDS = {
    "last_use": "après le dernier usage du dossier",
    "school_year_end": "après la fin de l'année scolaire",
    "billed": "après la fin du mois du pointage",
    "recorded": "après l'enregistrement",
    "revoked": "après la fin (révocation, fermeture)",
    "decided": "après la décision",
}
ENDING_WORDS = {"erase": "effacé", "anonymise": "anonymisé"}


@lru_cache(maxsize=1)
def data_kinds() -> dict[str, DataKind]:
    """Return every kind by code, in the order of the file."""
    content = tomllib.loads((files("domain") / "data_kinds.toml").read_text(encoding="utf-8"))
    return {each["code"]: DataKind(**each) for each in content["kind"]}


def data_kind(code: str) -> DataKind:
    """Return a kind; raises NotFound naming those that exist."""
    kinds = data_kinds()
    if code not in kinds:
        known = ", ".join(kinds)
        raise NotFound(
            typeset(f"« {code} » n'est pas une sorte de données. Choisissez parmi : {known}."), code=code
        )
    return kinds[code]


def duration_words(kind: DataKind, months: int | None) -> str:
    """Return how long a kind is kept, in French."""
    if months is None:
        return "jamais effacé par Marelle"
    after = COUNTED_FROM_WORDS[kind.counted_from]
    return (
        f"{ENDING_WORDS[kind.ending]} {after}"
        if months == 0
        else (f"{ENDING_WORDS[kind.ending]} {months} mois {after}")
    )
