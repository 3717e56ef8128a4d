"""Services, where they are offered, their formulas and their dated rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from domain.french import short_date
from domain.yearly_tasks import is_yearly_day
from records.actors import Actor, Right
from records.database import Records
from records.models import Service, ServiceFormula, ServicePlace, ServiceRule, Structure
from records.models.services import (
    CAF_HOUR_RULES,
    CAF_KINDS,
    QF_BACKDATINGS,
    QF_RULES,
    ROUNDING_MODES,
    ROUNDING_ON,
    SERVICE_KINDS,
    YEARLY_QF_RULES,
)
from records.operations.lookup import by_ref, ids_by_ref, invalid, refuse_known
from records.operations.registry import operation

MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class NewService:
    """An activity that children are enrolled in."""

    ref: str
    label: str
    kind: str
    caf_kind: str


@dataclass(frozen=True, slots=True)
class NewFormula:
    """A way to attend a service: its hours in local minutes, and how many CAF half days it counts for."""

    service_ref: str
    code: str
    label: str
    start_minute: int
    end_minute: int
    half_days: int
    with_meal: bool


@dataclass(frozen=True, slots=True)
class NewRule:
    """Every rule of a service from a day on, everywhere or at one structure; see records.models.ServiceRule."""

    service_ref: str
    valid_from: date
    decision: str
    period: str
    weekday_mask: int
    slot_start_minute: int
    slot_end_minute: int
    grace_minutes: int
    anti_bounce_seconds: int
    needs_departure: bool
    rounding_minutes: int
    tolerance_minutes: int
    bill_basis: str
    undecided_default: str
    caf_hour_rule: str
    serves_meal: bool
    is_priced: bool
    qf_rule: str = "on_day"
    structure_ref: str | None = None
    note: str | None = None
    rounding_on: str = "duration"
    rounding_mode: str = "begun"
    qf_known_on: int | None = None
    qf_backdating: str = "from_effect"


@operation(Right.EDIT_REFERENCE)
def add_service(records: Records, actor: Actor, service: NewService) -> int:
    """Add a service; returns its id."""
    if service.kind not in SERVICE_KINDS or service.caf_kind not in CAF_KINDS:
        raise invalid(f"Nature de service inconnue : « {service.kind} », « {service.caf_kind} ».")
    with records.write(actor, "add_service") as write:
        refuse_known(write.session, Service, [service.ref])
        row = Service(**asdict(service))
        write.session.add(row)
        write.session.flush()
        write.audit("service", service.ref, old=None, new=asdict(service))
        return row.id


@operation(Right.EDIT_REFERENCE)
def offer_service(
    records: Records, actor: Actor, service_ref: str, structure_refs: Sequence[str], valid_from: date
) -> None:
    """Offer a service at places from a day on, without end."""
    with records.write(actor, "offer_service") as write:
        service = by_ref(write.session, Service, service_ref)
        structures = ids_by_ref(write.session, Structure, structure_refs)
        offered = {
            place.structure_id
            for place in write.session.scalars(select(ServicePlace).where(ServicePlace.service_id == service.id))
            if place.valid_to is None or place.valid_to > valid_from
        }
        for ref, structure_id in structures.items():
            if structure_id in offered:
                raise invalid(f"{service.label} est déjà proposé à la structure « {ref} ».", structure=ref)
            write.session.add(
                ServicePlace(service_id=service.id, structure_id=structure_id, valid_from=valid_from, valid_to=None)
            )
            write.audit(
                "service_place", f"{service_ref} {ref}", old=None, new={"structure": ref, "valid_from": valid_from}
            )


@operation(Right.EDIT_REFERENCE)
def add_formula(records: Records, actor: Actor, formula: NewFormula) -> None:
    """Add a way to attend a service."""
    _check_minutes(formula.start_minute, formula.end_minute)
    if formula.half_days not in (1, 2):
        raise invalid("Une formule compte pour une ou deux demi-journées.", half_days=formula.half_days)
    with records.write(actor, "add_formula") as write:
        service = by_ref(write.session, Service, formula.service_ref)
        known = select(ServiceFormula).where(
            ServiceFormula.service_id == service.id, ServiceFormula.code == formula.code
        )
        if write.session.scalar(known) is not None:
            raise invalid(f"La formule « {formula.code} » existe déjà.", code=formula.code)
        values = asdict(formula)
        del values["service_ref"]
        write.session.add(ServiceFormula(service_id=service.id, **values))
        write.audit("service_formula", f"{formula.service_ref} {formula.code}", old=None, new=asdict(formula))


@operation(Right.EDIT_REFERENCE)
def add_rule(records: Records, actor: Actor, rule: NewRule) -> int:
    """Add the rules of a service from a day on; an earlier version is never changed. Returns its id."""
    _check_rule(rule)
    with records.write(actor, "add_rule") as write:
        service = by_ref(write.session, Service, rule.service_ref)
        structure_id = by_ref(write.session, Structure, rule.structure_ref).id if rule.structure_ref else None
        known = select(ServiceRule).where(
            ServiceRule.service_id == service.id,
            ServiceRule.structure_id.is_not_distinct_from(structure_id),
            ServiceRule.valid_from == rule.valid_from,
        )
        if write.session.scalar(known) is not None:
            raise invalid(
                f"{service.label} a déjà une règle qui commence le {short_date(rule.valid_from)}. "
                "Une règle ne se modifie pas : choisissez une autre date de début."
            )
        values = asdict(rule)
        for ref in ("service_ref", "structure_ref"):
            del values[ref]
        row = ServiceRule(service_id=service.id, structure_id=structure_id, **values)
        write.session.add(row)
        write.session.flush()
        write.audit("service_rule", row.id, old=None, new=asdict(rule))
        return row.id


def _check_rule(rule: NewRule) -> None:
    _check_minutes(rule.slot_start_minute, rule.slot_end_minute)
    allowed = {
        "period": ("school", "holiday", "any"),
        "bill_basis": ("presence", "booking"),
        "undecided_default": ("billed", "not_billed", "no_line"),
        "caf_hour_rule": CAF_HOUR_RULES,
        "qf_rule": QF_RULES,
        "qf_backdating": QF_BACKDATINGS,
        "rounding_on": ROUNDING_ON,
        "rounding_mode": ROUNDING_MODES,
    }
    for name, values in allowed.items():
        if getattr(rule, name) not in values:
            raise invalid(f"Règle de service : valeur inconnue « {getattr(rule, name)} » pour {name}.")
    _check_known_on(rule)
    if not 1 <= rule.weekday_mask <= 127:
        raise invalid("Choisissez au moins un jour d'ouverture dans la semaine.", weekday_mask=rule.weekday_mask)
    if rule.rounding_minutes <= 0:
        raise invalid("L'unité de facturation doit durer au moins une minute.")
    if min(rule.anti_bounce_seconds, rule.grace_minutes, rule.tolerance_minutes) < 0:
        raise invalid("Un délai ne peut pas être négatif.")


def _check_known_on(rule: NewRule) -> None:
    if rule.qf_known_on is None:
        return
    if rule.qf_rule not in YEARLY_QF_RULES:
        raise invalid("Seul un QF retenu pour l'année peut être celui d'un autre jour : ôtez ce jour.")
    if not is_yearly_day(*divmod(rule.qf_known_on, 100)):
        raise invalid(
            "Le jour où le QF est connu existe chaque année : donnez un mois et un jour.",
            qf_known_on=rule.qf_known_on,
        )


def _check_minutes(start: int, end: int) -> None:
    if not 0 <= start < end <= MINUTES_A_DAY:
        raise invalid("Horaires impossibles : la fin doit être après le début, dans la même journée.")
