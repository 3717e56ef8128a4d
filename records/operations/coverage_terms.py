"""What a body pays: the terms of a coverage, checked before they are written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.coverages import CANCELLED, REFUSED
from domain.french import short_date
from records.models import AidScale, Coverage, PayingBody, Person
from records.models.bodies import COVERAGE_FORMS, COVERAGE_UNITS
from records.operations.lookup import invalid
from records.operations.merged import ids_with_merged
from records.operations.versions import overlap, version_on

RANKS_MAX = 5  # as many turns as int_pricing__covered takes (`coverage_levels`)
_ALL = 10_000  # 100 % in hundredths of a percent


@dataclass(frozen=True, slots=True)
class CoverageTerms:
    """How much, per what, and up to where: cents, `percent_e4` in hundredths of a percent, whole units.

    percent (of what is left, up to `unit_ceiling_cents` a unit), flat or cap (`amount_cents` a unit), or scale (the
    body's own).
    """

    form: str
    unit: str
    amount_cents: int | None = None
    percent_e4: int | None = None
    unit_ceiling_cents: int | None = None
    units_max: int | None = None
    year_units_max: int | None = None
    ceiling_cents: int | None = None
    holidays_only: bool = False


def check_terms(session: Session, body: PayingBody, kind: str, terms: CoverageTerms, day: date) -> None:
    """Raise InvalidData for terms that say nothing, too much, or not what their kind of paper says."""
    if terms.form not in COVERAGE_FORMS or terms.unit not in COVERAGE_UNITS:
        raise invalid("Cette forme de prise en charge n'existe pas.", form=terms.form, unit=terms.unit)
    if (terms.form == "percent") != (terms.percent_e4 is not None):
        raise invalid("Un pourcentage demande sa part, et lui seul.")
    if (terms.form in ("flat", "cap")) != (terms.amount_cents is not None):
        raise invalid("Un forfait ou un plafond a un montant, les autres formes n'en ont pas.")
    if terms.unit_ceiling_cents is not None and terms.form != "percent":
        raise invalid("Seul un pourcentage a un plafond par unité.")
    if terms.percent_e4 is not None and not 1 <= terms.percent_e4 <= _ALL:
        raise invalid("La part va de 0,01 à 100 %.")
    limits = (
        terms.amount_cents,
        terms.unit_ceiling_cents,
        terms.units_max,
        terms.year_units_max,
        terms.ceiling_cents,
    )
    if any(limit is not None and limit <= 0 for limit in limits):
        raise invalid("Un montant, un nombre ou un plafond doit dépasser 0.")
    if kind == "yearly_quote" and (terms.unit != "month" or terms.form not in ("flat", "cap")):
        raise invalid("Un devis annuel se déduit chaque mois : donnez le montant d'un mois.")
    if terms.unit == "total" and (terms.units_max is not None or terms.year_units_max is not None):
        raise invalid("Un montant « en tout » n'a pas de nombre d'unités : donnez un plafond.")
    if terms.form == "scale":
        _check_scale(session, body, terms, day)


def _check_scale(session: Session, body: PayingBody, terms: CoverageTerms, day: date) -> None:
    scale = version_on(session, AidScale, {"body_id": body.id}, day)
    if scale is None:
        raise invalid(f"« {body.name} » n'a pas de barème au {short_date(day)} : enregistrez-le.", body=body.ref)
    if scale.unit != terms.unit:
        raise invalid(f"Le barème de « {body.name} » ne paie pas dans cette unité.", unit=scale.unit)


def columns_of_terms(terms: CoverageTerms) -> dict[str, Any]:
    """Return the columns that terms write."""
    return asdict(terms)


def refuse_same_rank(session: Session, row: Coverage) -> None:
    """Raise InvalidData when another coverage of the child pays at the same rank on the same days and service."""
    if not 1 <= row.rank <= RANKS_MAX:
        raise invalid(
            f"L'ordre va de 1 à {RANKS_MAX} : réordonnez les prises en charge de l'enfant.", rank=row.rank
        )
    people = ids_with_merged(session, Person, row.child_id)
    others = select(Coverage).where(
        Coverage.child_id.in_(people), Coverage.rank == row.rank, Coverage.state.not_in((REFUSED, CANCELLED))
    )
    with session.no_autoflush:
        for other in session.scalars(others):
            services = {row.service_id, other.service_id}
            same = len(services) == 1 or None in services
            if other.id != row.id and same and overlap(_days(row), _days(other)):
                raise invalid(
                    f"« {other.ref} » paie déjà au rang {row.rank} ces jours-là : donnez un autre rang.",
                    ref=other.ref,
                )


def _days(row: Coverage) -> tuple[date, date | None]:
    return row.valid_from, row.valid_to
