"""Words of the kitchen, and which portions one school may give to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BASKET = "panier_repas"  # seated and listed, never ordered for
DISH_WORDS = {
    "meat": "viande",
    "poultry": "volaille",
    "fish": "poisson",
    "vegetarian": "végétarien",
    "other": "autre",
}
# From the earliest order to the last adjustment: each takes the place of those before.
HORIZON_WORDS = {
    "supplier": "commande au fournisseur",
    "firm": "commande ferme",
    "day_before": "ajustement de la veille",
    "morning": "ajustement du matin",
}
WASTE_WORDS = {"unserved": "préparé, non servi", "plates": "restes des assiettes"}


@dataclass(frozen=True, slots=True)
class Transfer:
    """Portions of a diet that one place has too many of and another lacks."""

    giver: str
    receiver: str
    portions: int


def transfers(gaps: Mapping[str, int]) -> Sequence[Transfer]:
    """Return what to carry between places so that as few portions as possible lack: never more than is spare.

    `gaps` is what each place lacks (positive) or has too many of (negative). The largest needs are served first,
    from whoever has most to spare, so that few journeys are made; equal gaps go by name.
    """
    needs = sorted(((gap, place) for place, gap in gaps.items() if gap > 0), key=lambda each: (-each[0], each[1]))
    spare = {place: -gap for place, gap in gaps.items() if gap < 0}
    found = []
    for need, receiver in needs:
        left = need
        while left and any(spare.values()):
            giver = min(spare, key=lambda place: (-spare[place], place))
            portions = min(left, spare[giver])
            found.append(Transfer(giver, receiver, portions))
            spare[giver] -= portions
            left -= portions
    return found
