"""What is asked of API Particulier about an allocataire, and what its answer means; no address, no HTTP here.

Source: CAF notes §4.2; parameters and shapes of API Particulier v3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.french import month_name, typeset

QUOTIENT, EAJE = "quotient", "eaje"
FOUND, NOT_FOUND, NOT_YET, REFUSED = "found", "not_found", "not_yet", "refused"
SOURCE_OF_PROVIDER = {"CNAF": "caf", "MSA": "msa"}
FRANCE = "99100"


@dataclass(frozen=True, slots=True)
class Identity:
    """The civil identity of a possible allocataire; `last_name` is the birth name, codes are INSEE's."""

    last_name: str
    first_names: tuple[str, ...]
    used_name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    birth_commune_code: str | None = None
    birth_country_code: str | None = None

    def missing(self) -> tuple[str, ...]:
        """Return what must be asked of the family before the question can be put, in French."""
        return tuple(self._missing())

    def _missing(self) -> Iterator[str]:
        if self.birth_date is None:
            yield "date de naissance"
        if self.birth_country_code is None:
            yield "pays de naissance"
        elif self.birth_country_code == FRANCE and self.birth_commune_code is None:
            yield "commune de naissance"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `month` is the first day of the month asked about; figures only when the outcome is `found`.

    `value_e2` is in hundredths, `annual_cents` in cents. `sha256` is that of the bytes received.
    """

    endpoint: str
    month: date
    outcome: str
    status: int
    sha256: str | None = None
    error_code: str | None = None
    provider: str | None = None
    value_e2: int | None = None
    annual_cents: int | None = None
    income_year: int | None = None
    children: int | None = None
    aeeh: int | None = None


def answer_words(outcome: str, month: date) -> str:
    """Return what an answer means for a family and what to do next, in French."""
    words = {
        FOUND: f"Réponse reçue pour {month_name(month)}.",
        NOT_FOUND: (
            "La CAF et la MSA ne connaissent pas cet allocataire. L'ancien QF reste en vigueur. Vérifiez le nom de "
            "naissance, la date et le lieu de naissance ; sinon, demandez une attestation à la famille."
        ),
        NOT_YET: (
            f"Le QF de {month_name(month)} n'est pas encore publié par la CAF. L'ancien QF reste en vigueur. "
            "Relancez l'actualisation après le premier week-end du mois."
        ),
        REFUSED: (
            "L'API Particulier refuse cette question. L'ancien QF reste en vigueur. Vérifiez l'identité "
            "de l'allocataire."
        ),
    }
    return typeset(words[outcome])
