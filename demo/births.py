"""When and where the guardians were born: what a desk asks for to have their QF from the CAF or the MSA."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from demo.people import Adult
from demo.source import TownData
from domain.allocataires import FRANCE

AGE_AT_FIRST_CHILD = (20, 38)
# The desk has not asked everybody yet, and some were born abroad.
NOT_ASKED_SHARE, ABROAD_SHARE = 0.06, 0.08


def born(adult: Adult, eldest: date, source: random.Random, town: TownData) -> Adult:
    """Return a guardian with sex, day and place of birth, older than the eldest child; some leave the place out."""
    age = timedelta(days=365 * source.randint(*AGE_AT_FIRST_CHILD) + source.randrange(365))
    commune: str | None = source.choice(town.birth_communes)
    country: str | None = FRANCE
    draw = source.random()
    if draw < NOT_ASKED_SHARE:
        commune = country = None
    elif draw < NOT_ASKED_SHARE + ABROAD_SHARE:
        commune, country = None, source.choice(town.birth_countries)
    human = replace(
        adult.human,
        birth_date=eldest - age,
        sex="F" if adult.human.civility == "Madame" else "M",
        birth_commune_code=commune,
        birth_country_code=country,
    )
    return replace(adult, human=human)
