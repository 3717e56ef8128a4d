"""Many of the oracles' small towns as raw rows, each at a place of its own, to be computed in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.names import search_key
from domain.time import micros
from tests.oracles.world import Child, Decision, Enrolment, Rule, Sejour, Service, Tap, Town
from tests.sql.coverage_rows import pack_coverage
from tests.sql.raw_world import PARIS, RawWorld
from tests.sql.tariff_rows import add_tariff, pack_tariff
from warehouse.raw import OPEN_HOLE

_TAP_KINDS = {"badge": ("badge", None), "present": ("roll_call", "arrival"), "left": ("roll_call", "departure")}
_SCHEMA_E2 = 100
_ALWAYS = date(2018, 1, 1)


def instant(wall: datetime) -> int:
    """Return a wall-clock time in Paris in µs UTC."""
    return micros(wall.replace(tzinfo=ZoneInfo(PARIS)))


@dataclass
class Packed:
    """A town being packed: its number names everything of it."""

    world: RawWorld
    number: int
    town: Town
    structure_id: int = 0
    device_id: int = 0
    child_id: int = 0
    family_id: int = 0
    services: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    sejours: dict[str, int] = field(default_factory=dict)
    enrolments: list[int] = field(default_factory=list)
    bodies: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    payers: dict[str, int] = field(default_factory=dict)

    def ref(self, name: str) -> str:
        """Return a name of this town alone."""
        return f"{self.number}.{name}"


def pack(towns: Sequence[Town], first: date, last: date) -> RawWorld:
    """Return the raw rows of towns that share one `now` and the holidays of their zone."""
    (now,) = {town.now for town in towns}
    world = RawWorld().town().about(instant(now), first, last)
    for start, end in {town.school_year for town in towns}:
        world.add("school_year", starts_on=start, ends_on=end)
    (holidays,) = {town.holidays for town in towns}
    for day in holidays:
        world.add("calendar_day", zone="A", day=day, kind="school_holiday")
    for number, town in enumerate(towns):
        _pack_town(Packed(world, number, town))
    for zone in {zone for town in towns for zone in town.zones}:
        world.add("residence_zone", commune_key=search_key(zone.commune), zone=zone.code, valid_from=zone.since)
    return world


def _pack_town(packed: Packed) -> None:
    world, town = packed.world, packed.town
    packed.structure_id = world.structure(packed.ref("ecole"))
    packed.device_id = world.add("device", label="Borne de l'entrée", structure_id=packed.structure_id)
    for number, hole in enumerate(town.holes):
        epoch = "" if hole.silent else packed.ref(f"trou {number}")
        row = (packed.device_id, epoch, 1, 1, instant(hole.since), instant(hole.until), 0)
        world.rows[OPEN_HOLE].append(row)
    for day, kind in town.special_days.items():
        if kind == "shut":
            event = {"starts_on": day, "ends_on": day + timedelta(days=1), "structure_id": packed.structure_id}
            world.add("calendar_event", kind="closure", **event)
        else:
            world.add("calendar_day", structure_id=packed.structure_id, day=day, kind=kind)
    for service in town.services:
        _pack_service(packed, service)
    for trip in town.sejours:
        packed.sejours[trip.ref] = _pack_trip(packed, trip)
    packed.reasons = {
        name: world.add(
            "absence_reason",
            deducts_after_days=days,
            deducts_after_unit="service_day" if name in town.in_service_days else None,
        )
        for name, days in town.reasons.items()
    }
    packed.family_id = world.add("family", ref=packed.ref("famille"))
    for name in town.child.payers:
        packed.people[name] = world.person(packed.ref(f"personne {name}"))
        packed.payers[name] = world.add(
            "payer", ref=packed.ref(name), family_id=packed.family_id, person_id=packed.people[name]
        )
    _pack_file(packed, town.child)
    for view in town.views():
        _pack_child(packed, view.child)


def _pack_child(packed: Packed, child: Child) -> None:
    world = packed.world
    packed.child_id = world.person(packed.ref(child.ref), birth_date=child.born)
    world.add(
        "family_member",
        family_id=packed.family_id,
        person_id=packed.child_id,
        role="child",
        valid_from=_ALWAYS,
    )
    _pack_about(packed, child)
    packed.enrolments = [_pack_enrolment(packed, enrolment) for enrolment in child.enrolments]
    for coverage in child.coverages:
        pack_coverage(packed, coverage)
    _pack_days(packed, child)


def _pack_trip(packed: Packed, trip: Sejour) -> int:
    service_id = packed.services[trip.service]
    lists = trip.price_lists
    return packed.world.add(
        "sejour",
        label=trip.ref.capitalize(),
        starts_on=trip.start,
        ends_on=trip.end,
        tariff_id=add_tariff(packed.world, service_id, f"Séjour {trip.ref}", lists) if lists else None,
        cancelled_on=trip.start if trip.cancelled else None,
    )


def _pack_service(packed: Packed, service: Service) -> None:
    world = packed.world
    service_id = world.service(packed.ref(service.ref), service.kind, service.caf_kind)
    packed.services[service.ref] = service_id
    world.offer(service_id, packed.structure_id, valid_from=_ALWAYS)
    for rule in service.rules:
        _pack_rule(world, service_id, rule)
    for formula in service.formulas:
        world.add(
            "service_formula",
            service_id=service_id,
            code=formula.code,
            label=formula.code.capitalize(),
            start_minute=formula.start,
            end_minute=formula.end,
            half_days=formula.half_days,
            with_meal=formula.with_meal,
        )
    pack_tariff(world, service_id, service)


def _pack_rule(world: RawWorld, service_id: int, rule: Rule) -> None:
    world.rule(
        service_id,
        valid_from=rule.since,
        period=rule.period,
        weekday_mask=sum(1 << weekday for weekday in rule.weekdays),
        slot_start_minute=rule.slot[0],
        slot_end_minute=rule.slot[1],
        grace_minutes=rule.grace,
        anti_bounce_seconds=rule.anti_bounce_seconds,
        needs_departure=rule.needs_departure,
        rounding_minutes=rule.rounding,
        rounding_on=rule.rounding_on,
        rounding_mode=rule.rounding_mode,
        tolerance_minutes=rule.tolerance,
        bill_basis=rule.basis,
        undecided_default=rule.undecided,
        qf_rule=rule.qf,
        qf_known_on=None if rule.qf_known_on is None else rule.qf_known_on[0] * 100 + rule.qf_known_on[1],
        qf_backdating=rule.qf_backdating,
        caf_hour_rule=rule.caf,
        serves_meal=rule.meal,
        is_priced=rule.priced,
    )


def _pack_file(packed: Packed, child: Child) -> None:
    world = packed.world
    numbers: list[int] = []
    for qf in child.qfs:
        numbers.append(
            world.add(
                "qf",
                family_id=packed.family_id,
                payer_id=packed.payers[qf.payer] if qf.payer else None,
                effective_from=qf.since,
                recorded_at=qf.recorded,
                value_e2=int(qf.value * _SCHEMA_E2),
                source=qf.source,
                replaces_id=None if qf.corrects is None else numbers[qf.corrects],
            )
        )
    for since, fund in child.regimes:
        group = fund if fund in ("RG", "MSA", "AUTRE") else "AUTRE"
        world.add(
            "regime", family_id=packed.family_id, effective_from=since, recorded_at=0, code=fund, caf_group=group
        )
    _pack_incomes(packed, child)
    for home in child.homes:
        owner = {"person_id": packed.people[home.payer]} if home.payer else {"family_id": packed.family_id}
        until = [other.since for other in child.homes if other.payer == home.payer and other.since > home.since]
        world.add(
            "address", commune=home.commune, valid_from=home.since, valid_to=min(until, default=None), **owner
        )


def _pack_incomes(packed: Packed, child: Child) -> None:
    numbers: list[int] = []
    for income in child.incomes:
        numbers.append(
            packed.world.add(
                "income",
                family_id=packed.family_id,
                payer_id=packed.payers[income.payer] if income.payer else None,
                effective_from=income.since,
                recorded_at=income.recorded,
                annual_cents=int(income.annual * _SCHEMA_E2),
                children_count=income.children,
                aeeh_count=income.aeeh,
                source=income.source,
                replaces_id=None if income.corrects is None else numbers[income.corrects],
            )
        )


def _pack_about(packed: Packed, child: Child) -> None:
    """Add the classes, the diets and the custody of a child."""
    world = packed.world
    for since, level in child.levels:
        class_id = world.add(
            "school_class", structure_id=packed.structure_id, name=f"{level} {packed.child_id}", level=level
        )
        world.add("class_membership", person_id=packed.child_id, class_id=class_id, valid_from=since)
    for code in child.diets:
        world.add("diet", person_id=packed.child_id, code=code, label=code.replace("_", " "), valid_from=_ALWAYS)
    for custody in child.custody:
        world.add(
            "custody_calendar",
            child_id=packed.child_id,
            valid_from=custody.since,
            anchor_on=custody.anchor,
            pattern=custody.pattern,
            payer_1_id=packed.payers[custody.payers[0]],
            payer_2_id=packed.payers[custody.payers[1]],
        )
    for halves in child.halves:
        world.add(
            "custody_holiday",
            child_id=packed.child_id,
            holiday=halves.holiday,
            valid_from=halves.since,
            anchor_year=halves.year,
            alternates=halves.alternates,
            first_payer_id=packed.payers[halves.payers[0]],
            second_payer_id=packed.payers[halves.payers[1]],
        )
    for day, payer in child.exchanged:
        payer_id = packed.payers[payer] if payer else None
        world.add("custody_exception", child_id=packed.child_id, day=day, payer_id=payer_id)


def _pack_enrolment(packed: Packed, enrolment: Enrolment) -> int:
    world = packed.world
    enrolment_id = world.add(
        "enrolment",
        person_id=packed.child_id,
        service_id=packed.services[enrolment.service],
        structure_id=packed.structure_id,
        category=enrolment.category,
        sejour_id=packed.sejours[enrolment.sejour] if enrolment.sejour else None,
        valid_from=enrolment.since,
        valid_to=enrolment.until,
    )
    for pattern in enrolment.patterns:
        world.add(
            "enrolment_pattern",
            enrolment_id=enrolment_id,
            weekday=pattern.weekday,
            week_cycle=pattern.week,
            cycle_anchor_on=pattern.anchor,
            formula=pattern.formula,
            start_minute=pattern.span[0] if pattern.span else None,
            end_minute=pattern.span[1] if pattern.span else None,
            valid_from=pattern.since,
            valid_to=pattern.until,
        )
    for payer in enrolment.payers:
        world.add(
            "enrolment_payer",
            enrolment_id=enrolment_id,
            payer_id=packed.payers[payer.payer],
            rule=payer.rule,
            valid_from=payer.since,
            valid_to=payer.until,
        )
    for contract in enrolment.contracts:
        world.add(
            "care_contract",
            enrolment_id=enrolment_id,
            valid_from=contract.since,
            valid_to=contract.until,
            seq=1,
            minutes_per_week=contract.minutes_a_week,
            weeks=contract.weeks,
            deducted_minutes=contract.deducted,
            months=contract.months,
            unbilled_month=contract.unbilled,
            free_until=contract.free_until,
        )
    return enrolment_id


def _pack_days(packed: Packed, child: Child) -> None:
    world = packed.world
    uid = f"04{packed.child_id:08X}"
    assignment = world.add("badge_assignment", badge_uid=uid, valid_from=_ALWAYS)
    world.add("badge_child", assignment_id=assignment, child_id=packed.child_id)
    for booking in child.bookings:
        world.add(
            "booking",
            person_id=packed.child_id,
            service_id=packed.services[booking.service],
            structure_id=packed.structure_id,
            day=booking.day,
            action=booking.action,
            formula=booking.formula,
            start_minute=booking.span[0] if booking.span else None,
            end_minute=booking.span[1] if booking.span else None,
            is_late=booking.late,
            received_on=booking.received.date(),
            received_minute=booking.received.hour * 60 + booking.received.minute,
        )
    for decision in child.decisions:
        _pack_decision(packed, decision)
    for number, tap in enumerate(child.taps):
        _pack_tap(packed, child, (number, tap), uid)


def _pack_decision(packed: Packed, decision: Decision) -> None:
    packed.world.add(
        "attendance_decision",
        child_id=packed.child_id,
        service_id=packed.services[decision.service],
        structure_id=packed.structure_id,
        day=decision.day,
        kind=decision.kind,
        occurred_at=None if decision.at is None else instant(decision.at),
        recorded_at=instant(decision.made_at),
        absence_reason_id=packed.reasons[decision.reason] if decision.reason else None,
    )


def _pack_tap(packed: Packed, child: Child, numbered: tuple[int, Tap], uid: str) -> None:
    number, tap = numbered
    kind, direction = _TAP_KINDS.get(tap.how, ("undo", None))
    packed.world.tap(
        packed.ref(f"{packed.child_id}-{number}"),
        device_id=packed.device_id,
        epoch=packed.ref(f"epoch {packed.child_id}"),
        seq=number + 1,
        kind=kind,
        badge_uid=uid if kind == "badge" else None,
        child_ref=packed.ref(child.ref) if kind == "roll_call" else None,
        undoes=packed.ref(f"{packed.child_id}-{tap.undoes}") if tap.undoes is not None else None,
        service_ref=packed.ref(tap.service) if tap.service else None,
        direction=direction,
        occurred_at=instant(tap.at),
    )
