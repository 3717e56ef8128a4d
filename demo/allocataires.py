"""The households that the stand-in of API Particulier knows: those of the town, as the CAF and the MSA would."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from demo.people import Adult, Human, PlannedFamily
from demo.plan import TownPlan
from demo.scope import Scope
from exchanges.quotient.access import FILE
from exchanges.quotient.register import Dossier, Somebody, write_register

REGISTER_FILE = "allocataires-imaginaires.json"
TOKEN = "demonstration"  # noqa: S105 - it opens imaginary people on this machine
# Some are not known there, some changed since September, some have a child with the AEEH.
UNKNOWN_SHARE, CHANGED_SHARE, AEEH_SHARE = 0.07, 0.35, 0.04
STUMBLING_SHARE = 0.03
UNKNOWN_QF = 9_999
YEARS_BEFORE = 2


def write_api_particulier(folder: Path, plan: TownPlan, today: date) -> None:
    """Write the register of the stand-in, and the access that `marelle quotients refresh` finds."""
    write_register(folder / REGISTER_FILE, TOKEN, list(dossiers(plan, today)))
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_text(
        "# Ville de démonstration : un service local répond à la place d'API Particulier.\n"
        f'token = "{TOKEN}"\nsiret = "{plan.scope.town.siret}"\nregister = "{REGISTER_FILE}"\n',
        encoding="utf-8",
    )


def dossiers(plan: TownPlan, today: date) -> Iterator[Dossier]:
    """Yield a household for each payer who has a QF of their own, or for each file; some are not known."""
    source = plan.scope.stream("allocataires")
    for family in plan.families:
        for payer_ref, adults in _households(family):
            dossier = _dossier(source, plan.scope, family, (payer_ref, adults), today)
            if source.random() >= UNKNOWN_SHARE:
                yield dossier


def _households(family: PlannedFamily) -> Iterator[tuple[str | None, tuple[Adult, ...]]]:
    if len(family.payers) < 2:
        yield None, family.guardians
        return
    by_ref = {adult.human.ref: adult for adult in family.guardians}
    for payer in family.payers:
        if payer.person_ref in by_ref:
            yield payer.ref, (by_ref[payer.person_ref],)


def _dossier(
    source: random.Random,
    scope: Scope,
    family: PlannedFamily,
    household: tuple[str | None, tuple[Adult, ...]],
    today: date,
) -> Dossier:
    payer_ref, adults = household
    recorded = [qf.value_e2 // 100 for qf in family.qfs if qf.payer_ref == payer_ref]
    value = recorded[-1] if recorded and recorded[-1] != UNKNOWN_QF else source.randrange(200, 2_000)
    quotients = {f"{scope.period.years[0].starts_on:%Y-%m}": value}
    if source.random() < CHANGED_SHARE:
        quotients[f"{today:%Y-%m}"] = int(value * source.uniform(0.85, 1.15))
    parts = 2 + len(family.children) / 2
    return Dossier(
        fournisseur="MSA" if family.regime is not None and family.regime.caf_group == "MSA" else "CNAF",
        allocataires=tuple(_somebody(adult.human) for adult in adults),
        enfants=tuple(_somebody(child.human) for child in family.children),
        quotients=quotients,
        resources=(round(value * parts * 12), today.year - YEARS_BEFORE),
        aeeh=1 if source.random() < AEEH_SHARE else 0,
        failures=(503,) if source.random() < STUMBLING_SHARE else (),
    )


def _somebody(human: Human) -> Somebody:
    assert human.birth_date is not None
    return Somebody(
        nom_naissance=human.last_name.upper(),
        prenoms=human.first_name.upper(),
        date_naissance=human.birth_date.isoformat(),
        sexe=human.sex or "F",
        nom_usage=human.used_name,
        code_cog_insee_commune_naissance=human.birth_commune_code,
    )
