"""What staff set about booking a service and filling a place: dated rules and capacities (domain notes §4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from domain.capacity import QUARTER
from domain.deadlines import END_OF_DAY
from records.actors import Actor, Right
from records.database import Records
from records.models import BookingRule, Service, Structure, StructureCapacity
from records.models.offers import DEADLINE_RULES, PORTAL_MODES
from records.operations.lookup import by_ref, invalid
from records.operations.registry import operation
from records.operations.versions import add_version


@dataclass(frozen=True, slots=True)
class NewBookingRule:
    """How and until when days are booked from a day on; see records.models.BookingRule. No place = everywhere."""

    service_ref: str
    valid_from: date
    decision: str
    portal_mode: str = "requests"
    opens_on: date | None = None
    closes_on: date | None = None
    deadline_rule: str = "none"
    deadline_days: int | None = None
    counts_open_days: bool = False
    deadline_weekday: int | None = None
    deadline_weeks: int | None = None
    deadline_minute: int | None = None
    after_deadline: str = "refused"
    is_from_to: bool = False
    has_waiting_list: bool = False
    structure_ref: str | None = None


@dataclass(frozen=True, slots=True)
class NewCapacity:
    """Places of a structure from a day on: of a service, a weekday, quarter hours, whole months of age."""

    structure_ref: str
    valid_from: date
    places: int
    decision: str
    service_ref: str | None = None
    weekday: int | None = None
    start_minute: int | None = None
    end_minute: int | None = None
    age_from_months: int = 0
    age_to_months: int = 1800
    is_declared: bool = False


@operation(Right.EDIT_REFERENCE)
def add_booking_rule(records: Records, actor: Actor, rule: NewBookingRule) -> int:
    """Add a version of the booking rules; earlier ones stay. Returns its id."""
    _check_rule(rule)
    with records.write(actor, "add_booking_rule") as write:
        service_id = by_ref(write.session, Service, rule.service_ref).id
        structure_id = by_ref(write.session, Structure, rule.structure_ref).id if rule.structure_ref else None
        values = asdict(rule)
        del values["service_ref"], values["structure_ref"]
        return add_version(write, BookingRule, {"service_id": service_id, "structure_id": structure_id}, values).id


@operation(Right.EDIT_REFERENCE)
def add_capacity(records: Records, actor: Actor, capacity: NewCapacity) -> int:
    """Add a version of a capacity; returns its id. Who is already planned stays, even beyond it."""
    _check_capacity(capacity)
    with records.write(actor, "add_capacity") as write:
        structure_id = by_ref(write.session, Structure, capacity.structure_ref).id
        service_id = by_ref(write.session, Service, capacity.service_ref).id if capacity.service_ref else None
        key = {"structure_id": structure_id, "service_id": service_id}
        for name in ("weekday", "start_minute", "end_minute", "age_from_months", "age_to_months"):
            key[name] = getattr(capacity, name)
        values = {name: getattr(capacity, name) for name in ("valid_from", "places", "decision", "is_declared")}
        return add_version(write, StructureCapacity, key, values).id


def _check_rule(rule: NewBookingRule) -> None:
    if rule.portal_mode not in PORTAL_MODES or rule.deadline_rule not in DEADLINE_RULES:
        raise invalid(f"Règle de réservation inconnue : « {rule.portal_mode} », « {rule.deadline_rule} ».")
    if rule.after_deadline not in ("refused", "billed", "accepted"):
        raise invalid(f"Après le délai, une demande est refusée, facturée ou acceptée : « {rule.after_deadline} ».")
    if rule.opens_on is not None and rule.closes_on is not None and rule.closes_on <= rule.opens_on:
        raise invalid("Les réservations doivent fermer après leur ouverture.", closes_on=rule.closes_on)
    by_days, by_weekday = rule.deadline_rule == "days_before", rule.deadline_rule == "weekday_before"
    has_days = rule.deadline_days is not None
    has_weekday = rule.deadline_weekday is not None and rule.deadline_weeks is not None
    has_any_weekday = rule.deadline_weekday is not None or rule.deadline_weeks is not None
    has_minute = rule.deadline_minute is not None and 0 <= rule.deadline_minute <= END_OF_DAY
    if by_days != has_days or by_weekday != has_weekday or by_weekday != has_any_weekday:
        raise invalid(
            "Un délai se donne soit en jours avant, soit par un jour de la semaine et un nombre de semaines avant."
        )
    if (rule.deadline_rule != "none") != has_minute:
        raise invalid("Un délai a une heure limite ; sans délai, il n'y en a pas.")
    if min(rule.deadline_days or 0, rule.deadline_weeks or 0) < 0 or not 0 <= (rule.deadline_weekday or 0) <= 6:
        raise invalid("Un délai ne peut pas tomber après le jour réservé.")


def _check_capacity(capacity: NewCapacity) -> None:
    start, end = capacity.start_minute, capacity.end_minute
    if capacity.places < 0:
        raise invalid("Un nombre de places ne peut pas être négatif.", places=capacity.places)
    if not 0 <= capacity.age_from_months < capacity.age_to_months:
        raise invalid("Une tranche d'âge commence avant de finir ; les âges sont en mois révolus.")
    if capacity.weekday is not None and not 0 <= capacity.weekday <= 6:
        raise invalid("Jour de semaine inconnu.", weekday=capacity.weekday)
    if (start is None) != (end is None):
        raise invalid("Donnez l'heure de début et l'heure de fin, ou aucune des deux.")
    if start is not None and end is not None and (start % QUARTER or end % QUARTER or not 0 <= start < end):
        raise invalid("Les horaires d'une capacité tombent sur des quarts d'heure, la fin après le début.")
