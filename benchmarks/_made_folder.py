"""A made collectivity as a folder of CSV files: families with their children, QF and three years of enrolments."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

YEARS = (2024, 2025, 2026)
_NAMES = ("Fournier", "Riou", "Sarr", "Delaunay", "Petit", "Le Goff", "Benali", "Nguyen", "Morel", "Dias")
_FIRST = ("Léa", "Noé", "Anaïs", "Malo", "Khady", "Zoé", "Ilyès", "Jeanne", "Tom", "Inès")
_DAYS = ("lundi", "mardi", "jeudi", "vendredi")
_END = "08-31"

Row = Sequence[object]


def make_folder(folder: Path, families: int, seed: int = 7) -> int:
    """Write the folder; returns how many rows it has."""
    folder.mkdir()
    dice = random.Random(seed)
    children = [(f"F{n}", f"C{n}-{rank}") for n in range(families) for rank in range(dice.choice((1, 2)))]
    rows = _reference(folder)
    rows += _families(folder, families, children, dice)
    return rows + _enrolments(folder, children)


def _write(folder: Path, name: str, header: str, rows: Iterable[Row]) -> int:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter=";")
        writer.writerow(header.split())
        count = 0
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _reference(folder: Path) -> int:
    place = ["ecole", "École", "école", "Europe/Paris", "Ville"]
    rule = [
        "cantine",
        "2024-09-01",
        "Délibération",
        "scolaire",
        " ".join(_DAYS),
        "11:30",
        "13:30",
        30,
        60,
        "non",
        30,
    ]
    rule += [5, "présence", "facturé", "du jour", "plage entière", "oui", "oui"]
    columns = (
        "service debut decision periode jours heure_debut heure_fin marge_minutes anti_rebond_secondes "
        "depart_attendu unite_minutes tolerance_minutes base_facturation absence_non_decidee regle_qf heures_caf "
        "sert_repas est_facture"
    )
    files: dict[str, tuple[str, Row]] = {
        "collectivite": ("nom fuseau zone_scolaire contact", ("Ville", "Europe/Paris", "B", "01 99 00 12 34")),
        "structures": ("reference nom type fuseau commune", place),
        "services": ("reference libelle type type_caf", ("cantine", "Cantine", "cantine", "périscolaire midi")),
        "services_lieux": ("service structure debut", ("cantine", "ecole", "2024-09-01")),
        "services_regles": (columns, rule),
    }
    return sum(_write(folder, name, header, [row]) for name, (header, row) in files.items())


def _families(folder: Path, count: int, children: Sequence[tuple[str, str]], dice: random.Random) -> int:
    refs = [f"F{number}" for number in range(count)]
    names = {ref: f"{dice.choice(_NAMES)}-{dice.choice(_NAMES)} {number}" for number, ref in enumerate(refs)}
    adults = [(ref, f"A{ref}-{rank}") for ref in refs for rank in (1, 2)]
    people: list[Row] = [(ref, dice.choice(_FIRST), names[family], "") for family, ref in adults]
    born = [f"{dice.randint(2013, 2021)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}" for _ in children]
    people += [(ref, dice.choice(_FIRST), names[f], day) for (f, ref), day in zip(children, born, strict=True)]
    members = [(ref, person, "représentant", "oui", "2024-09-01") for ref, person in adults]
    members += [(ref, person, "enfant", "oui", "2024-09-01") for ref, person in children]
    phones = [(f"A{ref}-1", f"06 99 {n // 10_000:02} {n // 100 % 100:02} {n % 100:02}", "portable", 1)
              for n, ref in enumerate(refs)]  # fmt: skip
    quotients = [(ref, f"{year}-09-01", f"{dice.randint(0, 2500)},00", "caf") for ref in refs for year in YEARS]
    return sum(
        (
            _write(folder, "personnes", "reference prenom nom naissance", people),
            _write(folder, "telephones", "personne numero type rang", phones),
            _write(folder, "familles", "reference nom", ((ref, names[ref]) for ref in refs)),
            _write(folder, "adresses", "famille commune debut", ((ref, "Ville", "2024-09-01") for ref in refs)),
            _write(folder, "membres", "famille personne role sortie debut", members),
            _write(folder, "payeurs", "reference famille personne avis",
                   ((f"{ref}-1", ref, f"A{ref}-1", "courriel") for ref in refs)),
            _write(folder, "qf", "famille date_effet valeur origine", quotients),
        )
    )  # fmt: skip


def _enrolments(folder: Path, children: Sequence[tuple[str, str]]) -> int:
    lines = [
        (f"I{child}-{year}", family, child, f"{year}-09-01", f"{year + 1}-{_END}")
        for family, child in children
        for year in YEARS
    ]
    enrolled = ((ref, child, "cantine", "ecole", "enfant", start, end) for ref, _, child, start, end in lines)
    days = ((ref, day, start, end) for ref, _, _, start, end in lines for day in _DAYS[:2])
    payers = ((ref, f"{family}-1", "tout", start, end) for ref, family, _, start, end in lines)
    return sum(
        (
            _write(
                folder, "inscriptions", "reference personne service structure categorie debut fin_exclue", enrolled
            ),
            _write(folder, "inscriptions_jours", "inscription jour debut fin_exclue", days),
            _write(folder, "inscriptions_payeurs", "inscription payeur part debut fin_exclue", payers),
        )
    )
