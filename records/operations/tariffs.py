"""Tariffs: a version is published whole, checked first, and never changed afterwards (docs/adr/0005)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.errors import InvalidData
from domain.french import long_date, short_date, typeset
from domain.tariff_effects import effect_fault
from domain.tariffs import RANK_BASES, RuleConditions, faults
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import Enrolment, Service, ServiceFormula, ServiceRule, Tariff, TariffRule, TariffVersion
from records.operations.lookup import by_ref, invalid
from records.operations.registry import operation


@dataclass(frozen=True, slots=True)
class NewTariffRule:
    """One rule: conditions (None = any) and an effect; see records.models.TariffRule for every field.

    `amount_e4` is in ten-thousandths of a euro per `unit`; a modifier has no unit, and says what it applies to.
    """

    label: str
    amount_e4: int | None = None
    unit: str | None = None
    category: str | None = None
    formula: str | None = None
    qf_from_e2: int | None = None
    qf_to_e2: int | None = None
    kind: str | None = None
    residence: str | None = None
    level: str | None = None
    situation: str | None = None
    is_booked_late: bool | None = None
    origin: str | None = None
    day_kind: str | None = None
    income_from_cents: int | None = None
    income_to_cents: int | None = None
    rank_from: int | None = None
    rank_to: int | None = None
    age_from_months: int | None = None
    age_to_months: int | None = None
    children_from: int | None = None
    children_to: int | None = None
    lead_from_minutes: int | None = None
    lead_to_minutes: int | None = None
    form: str = "flat"
    applies_to: str | None = None
    amount_to_e4: int | None = None
    rate_e6: int | None = None
    basis: str | None = None
    floor_e4: int | None = None
    ceiling_e4: int | None = None
    above_ceiling: bool | None = None

    def conditions(self) -> RuleConditions:
        """Return the conditions alone."""
        return RuleConditions(**{each.name: getattr(self, each.name) for each in fields(RuleConditions)})


@dataclass(frozen=True, slots=True)
class NewTariffVersion:
    """The prices of a service from a day on, as the council decided them; rules in the order they are tried.

    `unit_step_e4` rounds the price of a unit; `rank_basis` says among whom siblings are ranked.
    """

    tariff_ref: str
    service_ref: str
    label: str
    valid_from: date
    decision: str
    rules: tuple[NewTariffRule, ...]
    unit_step_e4: int | None = None
    rank_basis: str | None = None


@dataclass(frozen=True, slots=True)
class TariffFault:
    """Something that leaves a service without a price."""

    service_ref: str
    service_label: str
    message: str


@operation(Right.EDIT_REFERENCE)
def publish_tariff(records: Records, actor: Actor, version: NewTariffVersion) -> int:
    """Publish the prices of a service from a day on; returns the version's id.

    Raises InvalidData naming each rule whose effect is impossible, and each situation without a price or with two.
    """
    check_effects(version)
    with records.write(actor, "publish_tariff") as write:
        session = write.session
        service = by_ref(session, Service, version.service_ref)
        tariff = _tariff(write, service, version)
        found = grid_faults(session, service, [rule.conditions() for rule in version.rules], version.valid_from)
        if found:
            raise InvalidData(
                typeset(f"Tarif « {version.label} » refusé : {' '.join(found)} Rien n'a été enregistré."),
                faults=found,
            )
        row = TariffVersion(
            tariff_id=tariff.id,
            valid_from=version.valid_from,
            decision=version.decision,
            unit_step_e4=version.unit_step_e4,
            rank_basis=version.rank_basis,
        )
        session.add(row)
        session.flush()
        session.add_all(
            TariffRule(version_id=row.id, ordinal=ordinal, **asdict(rule))
            for ordinal, rule in enumerate(version.rules, start=1)
        )
        write.audit("tariff_version", row.id, old=None, new=asdict(version))
        return row.id


def tariff_faults(session: Session, day: date) -> list[TariffFault]:
    """Return what leaves a priced service without a price on a day: no tariff in force, or a hole in it."""
    found: list[TariffFault] = []
    priced = _priced_services(session, day)
    for service in session.scalars(select(Service).where(Service.id.in_(priced)).order_by(Service.ref)):
        version = _version_in_force(session, service, day)
        if version is None:
            messages = [f"Aucun tarif n'est en vigueur le {long_date(day)}."]
        else:
            messages = grid_faults(session, service, _conditions(session, version), day)
        found += [TariffFault(service.ref, service.label, message) for message in messages]
    return found


def _priced_services(session: Session, day: date) -> set[int]:
    """Return the services that some rule in force prices, everywhere or at one place."""
    last: dict[tuple[int, int | None], ServiceRule] = {}
    rules = select(ServiceRule).where(ServiceRule.valid_from <= day).order_by(ServiceRule.valid_from)
    for rule in session.scalars(rules):
        last[rule.service_id, rule.structure_id] = rule
    return {rule.service_id for rule in last.values() if rule.is_priced}


def _tariff(write: Write, service: Service, version: NewTariffVersion) -> Tariff:
    """Return the service's one tariff, created by its first version."""
    tariff = write.session.scalar(select(Tariff).where(Tariff.service_id == service.id))
    if tariff is None:
        tariff = Tariff(ref=version.tariff_ref, service_id=service.id, label=version.label)
        write.session.add(tariff)
        write.session.flush()
        write.audit("tariff", tariff.ref, old=None, new={"service": service.ref, "label": version.label})
        return tariff
    if tariff.ref != version.tariff_ref:
        raise invalid(f"{service.label} a déjà un tarif : « {tariff.ref} ». Publiez-en une nouvelle version.")
    known = select(TariffVersion).where(
        TariffVersion.tariff_id == tariff.id, TariffVersion.valid_from == version.valid_from
    )
    if write.session.scalar(known) is not None:
        raise invalid(
            f"Le tarif « {tariff.label} » a déjà une version qui commence le {short_date(version.valid_from)}. "
            "Une version publiée ne se modifie pas : choisissez une autre date de début."
        )
    return tariff


def check_effects(version: NewTariffVersion) -> None:
    """Raise InvalidData for an effect that cannot be, with the words that the import uses for the same check."""
    for rule in version.rules:
        fault = effect_fault(asdict(rule))
        if fault is not None:
            raise invalid(
                f"Prix impossible sur la ligne « {rule.label} » : {fault}", unit=rule.unit, form=rule.form
            )
    if version.rank_basis is None and any(rule.rank_from or rule.rank_to for rule in version.rules):
        raise invalid(
            "Dites parmi quels enfants le rang se compte : ceux du dossier, les inscrits ou les présents."
        )
    if version.rank_basis not in (None, *RANK_BASES) or (version.unit_step_e4 or 1) < 1:
        raise invalid("L'arrondi du prix est d'au moins 0,0001 €, et le rang se compte parmi des enfants connus.")
    places = [rule.applies_to for rule in version.rules if rule.applies_to is not None]
    if places != sorted(places, key=lambda place: place == "line"):
        raise invalid("Ce qui modifie le prix d'une unité vient avant ce qui modifie la ligne.")


def grid_faults(session: Session, service: Service, rules: Sequence[RuleConditions], day: date) -> list[str]:
    """Return what is wrong with a service's price list, for the categories enrolled on a day or later."""
    categories = session.scalars(
        select(Enrolment.category)
        .where(Enrolment.service_id == service.id, or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > day))
        .distinct()
    )
    formulas = session.scalars(select(ServiceFormula.code).where(ServiceFormula.service_id == service.id))
    return faults(rules, list(categories), list(formulas))


def _version_in_force(session: Session, service: Service, day: date) -> TariffVersion | None:
    return session.scalar(
        select(TariffVersion)
        .join(Tariff, Tariff.id == TariffVersion.tariff_id)
        .where(Tariff.service_id == service.id, TariffVersion.valid_from <= day)
        .order_by(TariffVersion.valid_from.desc())
        .limit(1)
    )


def _conditions(session: Session, version: TariffVersion) -> list[RuleConditions]:
    rules = session.scalars(
        select(TariffRule).where(TariffRule.version_id == version.id).order_by(TariffRule.ordinal)
    )
    return [
        RuleConditions(**{each.name: getattr(rule, each.name) for each in fields(RuleConditions)}) for rule in rules
    ]
