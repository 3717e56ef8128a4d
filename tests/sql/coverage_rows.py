"""What bodies pay in the oracles' small towns, as raw rows: decisions, and scales by QF."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.oracles.world import AidScale, Coverage

if TYPE_CHECKING:
    from tests.sql.town_rows import Packed


def pack_coverage(packed: Packed, coverage: Coverage) -> None:
    """Add a decision of a body, and the body with its scales when it is new."""
    world = packed.world
    if coverage.body not in packed.bodies:
        ref = packed.ref(coverage.body)
        packed.bodies[coverage.body] = world.add("paying_body", ref=ref, name=coverage.body, kind="other")
        for number, scale in enumerate(packed.town.aid_scales.get(coverage.body, ()), 1):
            _pack_scale(packed, coverage.body, number, scale)
    coverage_id = world.add(
        "coverage",
        ref=packed.ref(coverage.ref),
        body_id=packed.bodies[coverage.body],
        child_id=packed.child_id,
        decision_number=coverage.ref,
        state=coverage.state,
        kind="decision",
        form=coverage.form,
        percent_e4=None if coverage.percent is None else int(coverage.percent * 10_000),
        amount_cents=_cents(coverage.amount),
        unit=coverage.unit,
        unit_ceiling_cents=_cents(coverage.unit_ceiling),
        units_max=coverage.units_max,
        year_units_max=coverage.year_units,
        holidays_only=coverage.holidays_only,
        ceiling_cents=_cents(coverage.ceiling),
        rank=coverage.rank,
        valid_from=coverage.since,
        valid_to=coverage.until,
    )
    for number in coverage.enrolments:
        world.add("coverage_enrolment", coverage_id=coverage_id, enrolment_id=packed.enrolments[number])


def _pack_scale(packed: Packed, body: str, number: int, scale: AidScale) -> None:
    scale_id = packed.world.add(
        "aid_scale",
        body_id=packed.bodies[body],
        valid_from=scale.since,
        seq=number,
        decision=f"Courrier {number}",
        unit="day",
        qf_day=scale.qf,
    )
    for low, high, amount in scale.bands:
        packed.world.add(
            "aid_band",
            scale_id=scale_id,
            qf_from_e2=_cents(low),
            qf_to_e2=_cents(high),
            amount_cents=_cents(amount),
        )


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)
