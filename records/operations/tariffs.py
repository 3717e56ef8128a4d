"""Tariffs: a version is published whole, checked first, and never changed afterwards (docs/adr/0005)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from domain.errors import InvalidData
from domain.french import long_date, short_date, typeset
from domain.tariff_effects import effect_fault
from domain.tariffs import (
    CONDITIONS,
    PACKAGE_BASES,
    RANK_BASES,
    STEP_MODES,
    RuleConditions,
    asks_siblings,
    faults,
    is_out_of_order,
)
from records.actors import Actor, Right
from records.database import Records, Write
from records.models import (
    Enrolment,
    Sejour,
    Service,
    ServiceFormula,
    ServiceRule,
    Tariff,
    TariffRule,
    TariffVersion,
)
from records.operations.lookup import by_ref, change, invalid
from records.operations.registry import operation


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTariffRule(RuleConditions):
    """One rule: conditions (None = any) and an effect; see records.models.TariffRule for every field.

    `amount_e4` is in ten-thousandths of a euro per `unit` (a `unit_begun` is the service's, or `unit_minutes`); a
    modifier has no unit, and says what it applies to.
    """

    amount_e4: int | None = None
    unit: str | None = None
    unit_minutes: int | None = None
    applies_to: str | None = None
    amount_to_e4: int | None = None
    rate_e6: int | None = None
    basis: str | None = None
    floor_e4: int | None = None
    ceiling_e4: int | None = None
    above_ceiling: bool | None = None


@dataclass(frozen=True, slots=True)
class NewTariffVersion:
    """The prices of a service from a day on, as the council decided them; rules in the order they are tried.

    `unit_step_e4` rounds the price of a unit, half up or by `unit_step_mode`; `rank_basis` says among whom siblings
    are ranked and counted; `package_basis` what makes a membership due (None: being enrolled). `sejour_ref` is the
    séjour whose own tariff this is.
    """

    tariff_ref: str
    service_ref: str
    label: str
    valid_from: date
    decision: str
    rules: tuple[NewTariffRule, ...]
    unit_step_e4: int | None = None
    rank_basis: str | None = None
    package_basis: str | None = None
    sejour_ref: str | None = None
    unit_step_mode: str | None = None


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
        found = grid_faults(session, service, version.rules, version.valid_from)
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
            unit_step_mode=version.unit_step_mode,
            rank_basis=version.rank_basis,
            package_basis=version.package_basis,
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
    """Return the tariff of the version's reference, created by its first version for its service or its séjour."""
    session = write.session
    tariff = session.scalar(select(Tariff).where(Tariff.ref == version.tariff_ref))
    own = session.scalar(select(Tariff).where(is_own_tariff(service.id)))
    if tariff is None and version.sejour_ref is None and own is not None:
        raise invalid(f"{service.label} a déjà un tarif : « {own.ref} ». Publiez-en une nouvelle version.")
    if tariff is None:
        tariff = Tariff(ref=version.tariff_ref, service_id=service.id, label=version.label)
        session.add(tariff)
        session.flush()
        write.audit("tariff", tariff.ref, old=None, new={"service": service.ref, "label": version.label})
    elif tariff.service_id != service.id:
        raise invalid(f"Le tarif « {tariff.label} » est celui d'un autre service.", tariff=tariff.ref)
    elif version.sejour_ref is not None and own is not None and own.id == tariff.id:
        raise invalid(f"« {tariff.ref} » est le tarif de {service.label} : donnez au séjour une autre référence.")
    elif own is None or own.id != tariff.id:
        _check_sejour_rules(version)
    if version.sejour_ref is not None:
        _give_to_sejour(write, tariff, by_ref(session, Sejour, version.sejour_ref))
    _refuse_known_version(session, tariff, version.valid_from)
    return tariff


def is_own_tariff(service_id: int) -> ColumnElement[bool]:
    """Return the condition that a tariff is the one of its service, rather than of one of its séjours."""
    of_sejours = select(Sejour.tariff_id).where(Sejour.tariff_id.is_not(None))
    return and_(Tariff.service_id == service_id, Tariff.id.not_in(of_sejours))


def _give_to_sejour(write: Write, tariff: Tariff, sejour: Sejour) -> None:
    if sejour.service_id != tariff.service_id:
        raise invalid(f"Le séjour « {sejour.label} » est celui d'un autre service.", sejour=sejour.ref)
    if sejour.tariff_id not in (None, tariff.id):
        known = write.session.get_one(Tariff, sejour.tariff_id)
        raise invalid(
            f"Le séjour « {sejour.label} » a déjà un tarif : « {known.ref} ». Publiez-en une nouvelle version."
        )
    change(write, sejour, {"tariff_id": tariff.id})


def _refuse_known_version(session: Session, tariff: Tariff, day: date) -> None:
    known = select(TariffVersion).where(TariffVersion.tariff_id == tariff.id, TariffVersion.valid_from == day)
    if session.scalar(known) is not None:
        raise invalid(
            f"Le tarif « {tariff.label} » a déjà une version qui commence le {short_date(day)}. "
            "Une version publiée ne se modifie pas : choisissez une autre date de début."
        )


def check_effects(version: NewTariffVersion) -> None:
    """Raise InvalidData for an effect that cannot be, with the words that the import uses for the same check."""
    for rule in version.rules:
        fault = effect_fault(asdict(rule))
        if fault is not None:
            raise invalid(
                f"Prix impossible sur la ligne « {rule.label} » : {fault}", unit=rule.unit, form=rule.form
            )
    if version.rank_basis is None and any(map(asks_siblings, version.rules)):
        raise invalid(
            "Dites parmi quels enfants le rang et le nombre se comptent : le dossier, les inscrits, les présents."
        )
    if version.rank_basis not in (None, *RANK_BASES) or (version.unit_step_e4 or 1) < 1:
        raise invalid("L'arrondi du prix est d'au moins 0,0001 €, et le rang se compte parmi des enfants connus.")
    if version.unit_step_mode is not None and (
        version.unit_step_mode not in STEP_MODES or not version.unit_step_e4
    ):
        raise invalid("Un prix s'arrondit vers le haut ou vers le bas à un pas : donnez le pas.")
    if version.package_basis not in (None, *PACKAGE_BASES):
        raise invalid(
            "Dites si l'inscription rend l'adhésion due, ou la venue.", package_basis=version.package_basis
        )
    if is_out_of_order([rule.applies_to for rule in version.rules]):
        raise invalid("Ce qui modifie le prix d'une unité vient avant ce qui modifie la ligne.")
    if version.sejour_ref is not None:
        _check_sejour_rules(version)


def _check_sejour_rules(version: NewTariffVersion) -> None:
    if any(rule.kind != "sejour" for rule in version.rules):
        raise invalid("Le tarif d'un séjour n'a que des lignes de séjour : ôtez les autres.")


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
        .where(is_own_tariff(service.id), TariffVersion.valid_from <= day)
        .order_by(TariffVersion.valid_from.desc())
        .limit(1)
    )


def _conditions(session: Session, version: TariffVersion) -> list[RuleConditions]:
    rules = session.scalars(
        select(TariffRule).where(TariffRule.version_id == version.id).order_by(TariffRule.ordinal)
    )
    return [RuleConditions(**{name: getattr(rule, name) for name in CONDITIONS}) for rule in rules]
