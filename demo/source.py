"""The town's own data, read from `data/val_d_orme.toml`: places, services, prices, staff."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from domain.money import to_cents


@dataclass(frozen=True, slots=True)
class StructureData:
    """A place; `share` is the weight of its commune among pupils, `classes` the levels of each class."""

    ref: str
    name: str
    short_name: str
    kind: str
    commune: str
    former_commune: str | None
    share: int
    classes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class DeviceData:
    """A terminal or tablet, and the services tapped on it."""

    ref: str
    label: str
    structure: str
    mode: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormulaData:
    """A way to attend a service; minutes are local."""

    code: str
    label: str
    start_minute: int
    end_minute: int
    half_days: int
    with_meal: bool


@dataclass(frozen=True, slots=True)
class RuleData:
    """The rule of a service; `decision` still holds « {year} »."""

    decision: str
    period: str
    weekdays: tuple[int, ...]
    slot_start_minute: int
    slot_end_minute: int
    grace_minutes: int
    anti_bounce_seconds: int
    needs_departure: bool
    rounding_minutes: int
    tolerance_minutes: int
    bill_basis: str
    undecided_default: str
    qf_rule: str
    caf_hour_rule: str
    serves_meal: bool
    is_priced: bool


@dataclass(frozen=True, slots=True)
class ServiceData:
    """A service, where it is offered and how."""

    ref: str
    label: str
    kind: str
    caf_kind: str
    places: tuple[str, ...]
    rule: RuleData
    formulas: tuple[FormulaData, ...]


@dataclass(frozen=True, slots=True)
class PriceData:
    """One row of a price list; None means any category or formula, no upper QF."""

    label: str
    category: str | None
    formula: str | None
    qf_from_e2: int | None
    qf_to_e2: int | None
    amount_e4: int


@dataclass(frozen=True, slots=True)
class VersionData:
    """A dated price list: it begins with the school year, or one year before it."""

    years_before: int
    decision: str
    prices: tuple[PriceData, ...]


@dataclass(frozen=True, slots=True)
class TariffData:
    """The price list of a service, with its versions, oldest first."""

    ref: str
    service: str
    label: str
    unit: str
    versions: tuple[VersionData, ...]


@dataclass(frozen=True, slots=True)
class PackageData:
    """A price of the school year's list that is not of a day of care: its kind says what for."""

    tariff: str
    label: str
    kind: str
    unit: str
    amount_e4: int


@dataclass(frozen=True, slots=True)
class StaffData:
    """Someone who works with Marelle: role, place (None: everywhere), terminals their code opens, work address."""

    login: str
    display_name: str
    role: str
    structure: str | None
    what: str
    code_at: tuple[str, ...]
    email: str | None = None


@dataclass(frozen=True, slots=True)
class EaterData:
    """An adult who eats at a school on some weekdays."""

    civility: str
    first_name: str
    last_name: str
    category: str
    structure: str
    weekdays: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NamedFamilyData:
    """A family that one can log in as: guardians (civility, names, kinship), children (names, level), QF."""

    logins: tuple[str, ...]
    what: str
    school: str
    guardians: tuple[tuple[str, str, str, str], ...]
    children: tuple[tuple[str, str, str], ...]
    qf_e2: tuple[int, ...]
    opening_cents: tuple[int, ...]
    shared_custody: bool

    def email_of(self, first_name: str, domain: str) -> str | None:
        """Return the address of a guardian who logs in with it."""
        found = [login for login in self.logins if login.startswith(f"{first_name.lower()}.")]
        return f"{found[0]}@{domain}" if found else None


@dataclass(frozen=True, slots=True)
class BillingData:
    """How the town bills; the decision's `{year}` is that of its first day."""

    decision: str
    years_before: int
    fiscal_year_month: int
    due_months: int
    due_day: int
    cancel_from_cents: int
    credits_are_strict: bool


@dataclass(frozen=True, slots=True)
class KitchenData:
    """How the kitchen orders, and its menus (dish, words), a working day each, again and again."""

    decision: str
    supplier: str
    mail: str
    years_before: int
    pack: int
    minimum: int
    supplier_days: int
    firm_days: int
    missing_cents: int
    wasted_cents: int
    menus: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class QfFormulaData:
    """The town's own formula; `parts` are (who, from which rank, hundredths of a part)."""

    years_before: int
    decision: str
    form: str
    abatement_e4: int
    counts_benefits: bool
    step_e2: int
    parts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class TownData:
    """All of it."""

    name: str
    timezone: str
    school_zone: str
    contact: str
    email_domain: str
    siret: str
    postcodes: dict[str, str]
    birth_communes: tuple[str, ...]
    birth_countries: tuple[str, ...]
    billing: BillingData
    kitchen: KitchenData
    qf_formula: QfFormulaData
    structures: tuple[StructureData, ...]
    devices: tuple[DeviceData, ...]
    services: tuple[ServiceData, ...]
    tariffs: tuple[TariffData, ...]
    packages: tuple[PackageData, ...]
    staff: tuple[StaffData, ...]
    eaters: tuple[EaterData, ...]
    families: tuple[NamedFamilyData, ...]

    @property
    def schools(self) -> tuple[StructureData, ...]:
        """The structures that have classes."""
        return tuple(structure for structure in self.structures if structure.kind == "school")

    def structure(self, ref: str) -> StructureData:
        """Return a structure by ref."""
        return next(structure for structure in self.structures if structure.ref == ref)

    def service(self, ref: str) -> ServiceData:
        """Return a service by ref."""
        return next(service for service in self.services if service.ref == ref)

    def device_for(self, service_ref: str, structure_ref: str) -> DeviceData:
        """Return the device on which a service of a place is tapped."""
        return next(
            device
            for device in self.devices
            if device.structure == structure_ref and service_ref in device.services
        )


@lru_cache(maxsize=1)
def town_data() -> TownData:
    """Read the packaged town."""
    raw = tomllib.loads((files("demo") / "data" / "val_d_orme.toml").read_text(encoding="utf-8"))
    head = raw["collectivity"]
    return TownData(
        name=head["name"],
        timezone=head["timezone"],
        school_zone=head["school_zone"],
        contact=head["contact"],
        email_domain=head["email_domain"],
        siret=head["siret"],
        postcodes=head["postcodes"],
        birth_communes=tuple(head["birth_communes"]),
        birth_countries=tuple(head["birth_countries"]),
        billing=BillingData(**raw["billing"]),
        kitchen=KitchenData(**{**raw["kitchen"], "menus": tuple(map(tuple, raw["kitchen"]["menus"]))}),
        qf_formula=QfFormulaData(**{**raw["qf_formula"], "parts": tuple(map(tuple, raw["qf_formula"]["parts"]))}),
        structures=tuple(_structure(row) for row in raw["structures"]),
        devices=tuple(DeviceData(**{**row, "services": tuple(row["services"])}) for row in raw["devices"]),
        services=tuple(_service(row) for row in raw["services"]),
        tariffs=tuple(_tariff(row) for row in raw["tariffs"]),
        packages=tuple(_package(row) for row in raw["packages"]),
        staff=tuple(_staff(row) for row in raw["staff"]),
        eaters=tuple(EaterData(**{**row, "weekdays": tuple(row["weekdays"])}) for row in raw["eaters"]),
        families=tuple(_family(row) for row in raw["families"]),
    )


def minute_of(text: str) -> int:
    """Return minutes since midnight of « HH:MM »."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _structure(row: dict[str, Any]) -> StructureData:
    return StructureData(
        ref=row["ref"],
        name=row["name"],
        short_name=row["short_name"],
        kind=row["kind"],
        commune=row["commune"],
        former_commune=row.get("former_commune"),
        share=row.get("share", 0),
        classes=tuple(tuple(levels) for levels in row.get("classes", [])),
    )


def _service(row: dict[str, Any]) -> ServiceData:
    rule = dict(row["rule"])
    rule["slot_start_minute"] = minute_of(rule.pop("slot_start"))
    rule["slot_end_minute"] = minute_of(rule.pop("slot_end"))
    rule["weekdays"] = tuple(rule["weekdays"])
    return ServiceData(
        ref=row["ref"],
        label=row["label"],
        kind=row["kind"],
        caf_kind=row["caf_kind"],
        places=tuple(row["places"]),
        rule=RuleData(**rule),
        formulas=tuple(_formula(formula) for formula in row.get("formulas", [])),
    )


def _formula(row: dict[str, Any]) -> FormulaData:
    return FormulaData(
        code=row["code"],
        label=row["label"],
        start_minute=minute_of(row["start"]),
        end_minute=minute_of(row["end"]),
        half_days=row["half_days"],
        with_meal=row["with_meal"],
    )


def _tariff(row: dict[str, Any]) -> TariffData:
    versions = tuple(
        VersionData(
            version["years_before"], version["decision"], tuple(_price(price) for price in version["prices"])
        )
        for version in row["versions"]
    )
    return TariffData(row["ref"], row["service"], row["label"], row["unit"], versions)


def _price(row: list[Any]) -> PriceData:
    label, category, formula, qf_from, qf_to, euros = row
    banded = bool(qf_from or qf_to)
    return PriceData(
        label=label,
        category=category or None,
        formula=formula or None,
        qf_from_e2=qf_from * 100 if banded else None,
        qf_to_e2=qf_to * 100 if qf_to else None,
        amount_e4=_e4(euros),
    )


def _package(row: dict[str, Any]) -> PackageData:
    return PackageData(row["tariff"], row["label"], row["kind"], row["unit"], _e4(row["euros"]))


def _e4(euros: str) -> int:
    return int(Decimal(euros) * 10_000)


def _staff(row: dict[str, Any]) -> StaffData:
    return StaffData(
        login=row["login"],
        display_name=row["display_name"],
        role=row["role"],
        structure=row["structure"] or None,
        what=row["what"],
        code_at=tuple(row.get("code_at", [])),
        email=row.get("email"),
    )


def _family(row: dict[str, Any]) -> NamedFamilyData:
    return NamedFamilyData(
        logins=tuple(row[key] for key in ("login", "second_login") if key in row),
        what=row["what"],
        school=row["school"],
        guardians=tuple((civility, first, last, kin) for civility, first, last, kin in row["guardians"]),
        children=tuple((first, last, level) for first, last, level in row["children"]),
        qf_e2=tuple(row["qf"]),
        opening_cents=tuple(to_cents(Decimal(euros)) for euros in row["opening"]),
        shared_custody=row["shared_custody"],
    )
