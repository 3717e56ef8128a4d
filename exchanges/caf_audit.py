"""The audit folder of a place and a period: registers, corrections, sums, rules, proof of the taps, manifest."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from domain.caf_audit import DECISION_WORDS, RegisterLine, exact_words, registers
from domain.errors import Conflict
from domain.french import clock, long_date, number, plural, short_date, typeset
from domain.invoice_paper import Part, Sender
from domain.register_paper import RegisterPaper, Section
from domain.time import local_day, local_minute
from exchanges.caf_audit_rows import (
    Hours,
    Period,
    Written,
    audit_tables,
    register_rows,
)
from exchanges.caf_audit_taps import STATE_WORDS, Rows
from exchanges.papers.registers import register_pdf
from exchanges.spreadsheets import french_csv
from records.operations.caf_evidence import CafEvidence, Correction
from records.operations.tap_proofs import COUNTED, CUT, IMPORTED, INTACT, LONE

MANIFEST, README = "MANIFESTE.sha256", "LISEZMOI.txt"
_IDENTITY = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")


def write_audit(evidence: CafEvidence, hours: Hours, period: Period, folder: Path) -> dict[str, str]:
    """Write the whole folder or nothing; returns the SHA-256 of each file by name.

    Raises Conflict when the folder exists, or when days do not add up to what is declared.
    """
    if folder.exists():
        raise Conflict(
            typeset(f"Le dossier {folder.name} existe déjà. Rien n'a été écrit : choisissez un autre nom.")
        )
    hours = replace(hours, registers=tuple(registers(hours.registers, hours.counted, evidence.services)))
    tables = audit_tables(evidence, hours, period)
    files = {f"{name}.csv": french_csv(columns, rows) for name, (columns, rows) in tables.items()}
    files["registre.pdf"] = register_pdf(_register_paper(evidence, hours, period), period.made_on)
    files["dossier.pdf"] = register_pdf(_folder_paper(evidence, tables, hours, period), period.made_on)
    files[README] = _readme(evidence, hours, period, files).encode()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    files[MANIFEST] = "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()
    _write(files, folder)
    return digests


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write every file beside the folder, durably, then give it its name at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            with (draft / name).open("wb") as target:
                target.write(content)
                target.flush()
                os.fsync(target.fileno())
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def verdict(evidence: CafEvidence) -> str:
    """Return in a sentence or two whether the taps are those that the terminals sent."""
    altered, epochs = len(evidence.altered_taps), len(evidence.altered_epochs)
    if altered or epochs:
        return typeset(
            f"ATTENTION : {plural(altered, 'passage altéré', 'passages altérés')}, "
            f"{plural(epochs, 'série altérée', 'séries altérées')}. Voyez anomalies.csv et le début de dossier.pdf"
            ". Les heures qui en dépendent ne sont pas prouvées : faites examiner la base avant de "
            "remettre ce dossier."
        )
    if not evidence.taps:
        return typeset("Aucun passage n'a été noté dans cette période, et aucune série n'est incomplète.")
    counts = Counter(each.state for each in evidence.taps)
    said = (
        f"{number(counts[INTACT])} passages sur {number(len(evidence.taps))} sont ceux que les bornes ont envoyés "
        ": leur empreinte, recalculée, est celle de la réception, et aucune série n'est incomplète."
    )
    states = (COUNTED, LONE, CUT, IMPORTED)
    rest = [f" {number(counts[state])} : {STATE_WORDS[state]}." for state in states if counts[state]]
    return typeset(said + "".join(rest))


def _register_paper(evidence: CafEvidence, hours: Hours, period: Period) -> RegisterPaper:
    days: dict[date, list[RegisterLine]] = {}
    for line in hours.registers:
        days.setdefault(line.day, []).append(line)
    columns = ("Service", "Enfant", "Arrivée", "Départ", "Déclaré", "Remarque")
    sections = [
        Section(
            long_date(day).capitalize(),
            columns,
            tuple((row[1], *row[3:]) for row in register_rows(lines, Written(exact_words, clock))),
            numbers_from=len(columns),
            total=("Total du jour", _children(lines), "", "", exact_words(_declared(lines)), ""),
        )
        for day, lines in sorted(days.items())
    ]
    return _paper("Registre de présence", evidence, (*sections, *_register_sums(hours.registers)), period)


def _register_sums(lines: Sequence[RegisterLine]) -> tuple[Section, ...]:
    services: dict[str, list[RegisterLine]] = {}
    for line in lines:
        services.setdefault(line.service_label, []).append(line)
    rows = tuple(
        (label, _children(mine), number(sum(each.declared_minutes is not None for each in mine)), _exactly(mine))
        for label, mine in sorted(services.items())
    )
    days = number(sum(each.declared_minutes is not None for each in lines))
    return (
        Section(
            "Total de la période",
            ("Service", "Enfants", "Journées déclarées", "Déclaré"),
            rows,
            numbers_from=1,
            total=("Total", _children(lines), days, _exactly(lines)),
        ),
    )


def _declared(lines: Iterable[RegisterLine]) -> int:
    return sum(each.declared_minutes or 0 for each in lines)


def _exactly(lines: Iterable[RegisterLine]) -> str:
    return exact_words(_declared(lines))


def _children(lines: Iterable[RegisterLine]) -> str:
    return plural(len({each.child_ref for each in lines}), "enfant", "enfants")


def _folder_paper(
    evidence: CafEvidence, tables: Mapping[str, tuple[tuple[str, ...], Rows]], hours: Hours, period: Period
) -> RegisterPaper:
    titles = {
        "synthese": ("Heures déclarées, par service et par mois", 2),
        "repartition": ("Les mêmes heures, par âge et par régime", 4),
        "corrections": ("Corrections, avec leur auteur", 6),
        "manques": ("Passages qui ne sont pas arrivés : ce qu'une personne en a dit", 5),
        "regles": ("Règles des services", 6),
        "convention": ("Convention avec la CAF", 5),
        "parametres": ("Paramètres nationaux", 5),
        "preuve": ("Preuve des passages, par série", 7),
    }
    holes = tables["manques"][1]
    corrections = [_correction(each, evidence) for each in evidence.corrections]
    tables = {
        **tables,
        "corrections": (("Jour", "Enfant", "Service", "Correction", "Raison", "Saisie"), corrections),
        "manques": (
            ("Borne", "Entre", "Suite donnée", "Raison", "Saisie"),
            [(label, f"{start} et {end}", *said, f"{at}, {by}") for label, _, start, end, *said, at, by in holes],
        ),
        "preuve": (_PROOF, [(*row[:4], *row[5:7], _with_numbers(row[7], row[4])) for row in tables["preuve"][1]]),
    }
    sections = tuple(
        _section(title, *tables[name], numbers) for name, (title, numbers) in titles.items() if tables[name][1]
    )
    if not evidence.is_whole:
        columns, rows = tables["anomalies"]
        sections = (_section("Passages et séries altérés", columns, rows, len(columns)), *sections)
    first = (Part("Passages.", verdict(evidence)),)
    last = (Part("Chiffres publiés.", hours.snapshot_id),)
    return replace(_paper("Dossier de contrôle CAF", evidence, sections, period), parts=last, first_parts=first)


_PROOF = ("Borne", "Série", "Passages", "Dernier n°", "Empreinte", "Recalculée", "Contrôle")


def _with_numbers(state: str, gone: str) -> str:
    return f"{state} : {gone}" if gone else state


def _section(title: str, columns: tuple[str, ...], rows: Rows, numbers_from: int) -> Section:
    told = tuple(tuple(map(_shortened, row)) for row in rows)
    has_total = bool(told) and told[-1][0] == "Total"
    return Section(
        title, columns, told[:-1] if has_total else told, numbers_from, total=told[-1] if has_total else ()
    )


def _correction(found: Correction, evidence: CafEvidence) -> tuple[str, ...]:
    """Return a correction as the paper tells it: six columns, which a page holds."""
    zone = evidence.timezone
    at = "" if found.occurred_at is None else f" à {clock(local_minute(found.occurred_at, zone))}"
    entered = f"{short_date(local_day(found.recorded_at, zone))} {clock(local_minute(found.recorded_at, zone))}"
    return (
        short_date(found.day),
        evidence.people.get(found.child_ref, found.child_ref),
        evidence.services.get(found.service_ref, found.service_ref),
        f"{DECISION_WORDS.get(found.kind, found.kind)}{at}{' (remplacée depuis)' if found.is_replaced else ''}",
        found.reason,
        f"{entered}, {found.recorded_by}",
    )


def _shortened(cell: str) -> str:
    """Return a long identity by its beginning: the CSV files give all of it."""
    return f"{cell[:8]}…" if _IDENTITY.fullmatch(cell) else cell


def _paper(title: str, evidence: CafEvidence, sections: tuple[Section, ...], period: Period) -> RegisterPaper:
    lead = f"{evidence.structure_label}, {period.words}"
    footer = f"{title}, {evidence.structure_label}"
    sender = Sender(evidence.town, ())
    return RegisterPaper(title, lead, footer, sender, sections, is_specimen=evidence.is_training)


def _readme(evidence: CafEvidence, hours: Hours, period: Period, files: Iterable[str]) -> str:
    lines = [
        f"Dossier de contrôle CAF : {evidence.structure_label} ({evidence.structure_ref}), {period.words}.",
        f"Établi le {long_date(period.made_on)}, d'après les chiffres publiés {hours.snapshot_id}.",
        "",
        verdict(evidence),
        "",
        "Fichiers :",
        *(f"- {name}" for name in sorted(files)),
        "",
        f"{MANIFEST} donne l'empreinte SHA-256 de chacun : « sha256sum -c {MANIFEST} » les vérifie.",
        "Ce dossier nomme des enfants : remettez-le au seul contrôleur, puis effacez-le.",
    ]
    return typeset("\n".join(lines)) + "\n"
