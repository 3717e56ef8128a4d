"""Places of the oracles as raw rows: towns, conventions, accounts, and a year's fictitious scale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.parameters import EnteredValue
from tests.oracles.caf_world import CafPlace, Scale
from tests.sql.raw_world import RawWorld
from tests.sql.town_rows import pack
from warehouse.raw import NATIONAL_PARAMETER, RawRow, national_parameter_rows

_BEGIN = date(2015, 1, 1)


def pack_places(
    places: Sequence[CafPlace], first: date, last: date, scale: tuple[int, Scale]
) -> dict[str, list[RawRow]]:
    """Return the raw rows of places that share one `now`, and the national values with those of a year."""
    world = pack([place.town for place in places], first, last)
    people = {row[1]: int(row[0]) for row in world.rows["person"]}
    for number, place in enumerate(places):
        _pack(world, number, place, last.year)
        for child, said in place.aeeh.items():
            for since, is_open in said:
                world.add("aeeh_right", person_id=people[f"{number}.{child}"], valid_from=since, is_open=is_open)
    return {**world.rows, NATIONAL_PARAMETER: national_parameter_rows(entered(*scale))}


def entered(year: int, scale: Scale) -> list[EnteredValue]:
    """Return what an administrator would have typed of the year's scale."""
    amounts: dict[str, Decimal | None] = {
        **{f"caf.psu.price_high_{equipment}": scale.high for equipment in ("provided", "bare")},
        **{f"caf.psu.price_middle_{equipment}": scale.middle for equipment in ("provided", "bare")},
        **{f"caf.psu.price_low_{equipment}": scale.low for equipment in ("provided", "bare")},
        **{f"caf.pso.price_cap_{kind}": scale.pso for kind in ("periscolaire", "extrascolaire", "youth")},
        "caf.pso.inclusive_rate": scale.inclusive,
        "caf.pso.supplement_share": None if scale.by_regime is None else Decimal(2 if scale.by_regime else 1),
    }
    return [
        EnteredValue(name, date(year, 1, 1), amount, "essai")
        for name, amount in amounts.items()
        if amount is not None
    ]


def _pack(world: RawWorld, number: int, place: CafPlace, year: int) -> None:
    structure_id = number + 1
    convention = place.convention
    if convention is not None:
        world.add(
            "caf_setting",
            structure_id=structure_id,
            valid_from=_BEGIN,
            seq=1,
            authorised_places=convention.places,
            meals_provided=convention.meals,
            diapers_provided=convention.diapers,
            has_pedt=False,
            has_plan_mercredi=convention.plan_mercredi,
            reference_wednesday_minutes=convention.reference_wednesday_minutes,
            oversize_rounding=convention.rounding,
            general_regime_e4=None if convention.general is None else int(convention.general * 10_000),
        )
    amounts = [
        (place.charges, None, "year"),
        (place.until_september, None, "jan_sep"),
        *((amount, activity, "year") for activity, amount in place.own.items()),
    ]
    for amount, activity, period in amounts:
        if amount is not None:
            world.add(
                "accounting_line",
                structure_id=structure_id,
                year=year,
                account="6411",
                label="Charges",
                amount_cents=int(amount * 100),
                nature="charge",
                activity=activity,
                period=period,
            )
