"""The audit folder of a place and a period: registers, corrections, sums, rules, proof of the taps, manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from domain.caf_audit import (
    RegisterLine,
)
from domain.errors import Conflict
from domain.french import long_date, typeset
from domain.invoice_paper import Part, Sender
from domain.register_paper import RegisterPaper, Section
from exchanges.caf_audit_rows import STATE_WORDS, Hours, Period, Rows, audit_tables, register_rows
from exchanges.papers.registers import register_pdf
from records.operations.caf_evidence import CHANGED, CUT, IMPORTED, INTACT, MISSING, CafEvidence

MANIFEST, README = "MANIFESTE.sha256", "LISEZMOI.txt"
_IDENTITY = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")
_BYTE_ORDER_MARK = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_audit(evidence: CafEvidence, hours: Hours, period: Period, folder: Path) -> dict[str, str]:
    """Write the whole folder or nothing; returns the SHA-256 of each file by name.

    Raises Conflict when the folder exists, or when days do not add up to what is declared.
    """
    if folder.exists():
        raise Conflict(
            typeset(f"Le dossier {folder.name} existe déjà. Rien n'a été écrit : choisissez un autre nom.")
        )
    tables = audit_tables(evidence, hours, period)
    files = {f"{name}.csv": _csv(columns, rows) for name, (columns, rows) in tables.items()}
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
    """Return in one sentence whether the taps are those that the terminals sent."""
    counts = Counter(each.state for each in evidence.taps)
    doubtful = sum(each.state in (CHANGED, MISSING) for each in evidence.epochs)
    if counts[CHANGED] or doubtful:
        return typeset(
            f"{counts[CHANGED]} passages ne sont plus ceux qui ont été reçus, {doubtful} séries sont incomplètes "
            "ou modifiées. Voyez passages.csv et preuve.csv avant de remettre ce dossier."
        )
    said = (
        f"{counts[INTACT]} passages sur {len(evidence.taps)} sont ceux que les bornes ont envoyés : leur "
        "empreinte, recalculée, est celle de la réception, et aucune série n'est incomplète."
    )
    rest = [f" {counts[state]} : {STATE_WORDS[state]}." for state in (CUT, IMPORTED) if counts[state]]
    return typeset(said + "".join(rest))


def _register_paper(evidence: CafEvidence, hours: Hours, period: Period) -> RegisterPaper:
    days: dict[date, list[RegisterLine]] = {}
    for line in hours.registers:
        days.setdefault(line.day, []).append(line)
    sections = tuple(
        Section(
            long_date(day).capitalize(),
            ("Service", "Enfant", "Arrivée", "Départ", "Remarque"),
            tuple((row[1], *row[3:]) for row in register_rows(lines)),
            numbers_from=5,
        )
        for day, lines in sorted(days.items())
    )
    return _paper("Registre de présence", evidence, sections, period)


def _folder_paper(
    evidence: CafEvidence, tables: Mapping[str, tuple[tuple[str, ...], Rows]], hours: Hours, period: Period
) -> RegisterPaper:
    titles = {
        "synthese": ("Heures déclarées, par service et par mois", 2),
        "repartition": ("Les mêmes heures, par âge et par régime", 4),
        "corrections": ("Corrections, avec leur auteur", 9),
        "regles": ("Règles des services", 6),
        "convention": ("Convention avec la CAF", 5),
        "parametres": ("Paramètres nationaux", 5),
        "preuve": ("Preuve des passages, par série", 7),
    }
    sections = tuple(
        Section(title, tables[name][0], tuple(tuple(map(_shortened, row)) for row in tables[name][1]), numbers)
        for name, (title, numbers) in titles.items()
        if tables[name][1]
    )
    parts = (Part("Passages.", verdict(evidence)), Part("Chiffres publiés.", hours.snapshot_id))
    return _paper("Dossier de contrôle CAF", evidence, sections, period, parts)


def _shortened(cell: str) -> str:
    """Return a long identity by its beginning: the CSV files give all of it."""
    return f"{cell[:8]}…" if _IDENTITY.fullmatch(cell) else cell


def _paper(
    title: str, evidence: CafEvidence, sections: tuple[Section, ...], period: Period, parts: tuple[Part, ...] = ()
) -> RegisterPaper:
    lead = f"{evidence.structure_label}, {period.words}"
    footer = f"{title}, {evidence.structure_label}"
    return RegisterPaper(
        title, lead, footer, Sender(evidence.town, ()), sections, parts, is_specimen=evidence.is_training
    )


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


def _csv(columns: Sequence[str], rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row] for row in rows)
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()
