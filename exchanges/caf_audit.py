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
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.caf_audit import (
    ROUNDED_WORDS,
    RULE_WORDS,
    WHY_NOT_WORDS,
    CountedDay,
    RegisterLine,
    hours_words,
    refuse_difference,
    sums,
    whole_months,
)
from domain.errors import Conflict
from domain.french import clock, long_date, month_name, number, short_date, typeset
from domain.invoice_paper import Part, Sender
from domain.register_paper import RegisterPaper, Section
from domain.time import local_day, local_minute
from exchanges.papers.registers import register_pdf
from records.operations.caf_evidence import CHANGED, CUT, IMPORTED, INTACT, MISSING, CafEvidence

MANIFEST, README = "MANIFESTE.sha256", "LISEZMOI.txt"
STATE_WORDS = {
    INTACT: "intact",
    CUT: "numéro effacé par une purge, empreinte gardée",
    IMPORTED: "repris d'un autre logiciel, sans empreinte",
    CHANGED: "MODIFIÉ depuis sa réception",
    MISSING: "INCOMPLET : un passage manque",
}
KIND_WORDS = {
    "arrival": "arrivée corrigée",
    "departure": "départ corrigé",
    "attach": "passage sans nom attribué",
    "absent_justified": "absence justifiée",
    "absent_unjustified": "absence non justifiée",
    "late_accepted": "retard accepté",
    "late_waived": "retard excusé",
    "clear": "décision reprise",
}
_IDENTITY = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")
_BYTE_ORDER_MARK = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hours:
    """What the published figures say of the place and period; `declared` is minutes by service and month."""

    snapshot_id: str
    registers: tuple[RegisterLine, ...]
    counted: tuple[CountedDay, ...]
    declared: Mapping[tuple[str, date], int]


@dataclass(frozen=True, slots=True)
class Period:
    """Both days are in; `made_on` is the day on which the folder is made."""

    first: date
    last: date
    made_on: date

    @property
    def words(self) -> str:
        """« du 1er janvier 2026 au 31 décembre 2026 »."""
        return f"du {long_date(self.first)} au {long_date(self.last)}"


def write_audit(evidence: CafEvidence, hours: Hours, period: Period, folder: Path) -> dict[str, str]:
    """Write the whole folder or nothing; returns the SHA-256 of each file by name.

    Raises Conflict when the folder exists, or when days do not add up to what is declared.
    """
    if folder.exists():
        raise Conflict(
            typeset(f"Le dossier {folder.name} existe déjà. Rien n'a été écrit : choisissez un autre nom.")
        )
    tables = _tables(evidence, hours, period)
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


def _tables(evidence: CafEvidence, hours: Hours, period: Period) -> dict[str, tuple[tuple[str, ...], Rows]]:
    return {
        "synthese": (
            ("Service", "Mois", "Enfants", "Journées", "Minutes", "Heures"),
            _sums(evidence, hours, period),
        ),
        "journees": (
            ("Jour", "Enfant", "Service", "Règle", "Minutes réalisées", "Minutes facturées", "Déclaré", "Sinon"),
            _days(evidence, hours),
        ),
        "registre": (("Jour", "Service", "Enfant", "Arrivée", "Départ", "Remarque"), _register(hours.registers)),
        "corrections": (
            ("Jour", "Enfant", "Service", "Correction", "Heure", "Raison", "Saisie", "Par", "Remplacée"),
            _corrections(evidence),
        ),
        "parametres": (("Valeur", "Depuis", "Montant", "Unité", "Source"), _values(evidence)),
        "regles": (("Service", "Depuis", "Règle des heures", "Plage", "Arrondi", "Décision"), _rules(evidence)),
        "convention": (("Depuis", "Places", "Régime général", "Dossier CAF", "Convention"), _settings(evidence)),
        "passages": (
            ("Passage", "Borne", "Série", "Numéro", "Sorte", "Heure", "Reçu", "Empreinte", "Contrôle"),
            _taps(evidence),
        ),
        "preuve": (
            (
                "Borne",
                "Série",
                "Passages",
                "Dernier numéro",
                "Empreinte gardée",
                "Empreinte recalculée",
                "Contrôle",
            ),
            _epochs(evidence),
        ),
    }


def _sums(evidence: CafEvidence, hours: Hours, period: Period) -> Rows:
    found = sums(hours.counted)
    refuse_difference(found, hours.declared, whole_months(period.first, period.last))
    rows = [
        (
            evidence.services.get(each.service_ref, each.service_ref),
            month_name(each.month),
            number(each.children),
            number(each.child_days),
            str(each.minutes),
            hours_words(each.minutes),
        )
        for each in found
    ]
    minutes = sum(each.minutes for each in found)
    days = sum(each.child_days for each in found)
    return [*rows, ("Total", "", "", number(days), str(minutes), hours_words(minutes))]


def _days(evidence: CafEvidence, hours: Hours) -> Rows:
    return [
        (
            short_date(each.day),
            each.child_ref,
            evidence.services.get(each.service_ref, each.service_ref),
            RULE_WORDS.get(each.rule, each.rule),
            "" if each.realised_minutes is None else str(each.realised_minutes),
            "" if each.billed_minutes is None else format(each.billed_minutes, "f").replace(".", ","),
            "oui" if each.is_declared else "non",
            WHY_NOT_WORDS.get(each.why_not, each.why_not),
        )
        for each in hours.counted
    ]


def _register(lines: Iterable[RegisterLine]) -> Rows:
    return [
        (
            short_date(each.day),
            each.service_label,
            each.child_name,
            "" if each.arrived_minute is None else clock(each.arrived_minute),
            "" if each.left_minute is None else clock(each.left_minute),
            _derived(each),
        )
        for each in lines
    ]


def _derived(line: RegisterLine) -> str:
    said = [
        word
        for word, is_derived in (("arrivée", line.is_arrival_derived), ("départ", line.is_departure_derived))
        if is_derived
    ]
    return f"{' et '.join(said)} non pointés : horaire du service" if said else ""


def _corrections(evidence: CafEvidence) -> Rows:
    return [
        (
            short_date(each.day),
            evidence.people.get(each.child_ref, each.child_ref),
            evidence.services.get(each.service_ref, each.service_ref),
            KIND_WORDS.get(each.kind, each.kind),
            "" if each.occurred_at is None else clock(local_minute(each.occurred_at, evidence.timezone)),
            each.reason,
            _moment(each.recorded_at, evidence.timezone),
            each.recorded_by,
            "oui" if each.is_replaced else "",
        )
        for each in evidence.corrections
    ]


def _values(evidence: CafEvidence) -> Rows:
    return [
        (each.description, short_date(each.valid_from), each.value.replace(".", ","), each.unit, each.source)
        for each in evidence.values
    ]


def _rules(evidence: CafEvidence) -> Rows:
    return [
        (
            each.service_label,
            short_date(each.valid_from),
            RULE_WORDS.get(each.caf_hour_rule, each.caf_hour_rule),
            f"{clock(each.slot_start_minute)} – {clock(each.slot_end_minute)}",
            f"{ROUNDED_WORDS[each.rounding_on]}, {each.rounding_minutes} min {ROUNDED_WORDS[each.rounding_mode]}, "
            f"tolérance {each.tolerance_minutes} min",
            each.decision,
        )
        for each in evidence.rules
    ]


def _settings(evidence: CafEvidence) -> Rows:
    return [
        (
            short_date(each.valid_from),
            str(each.authorised_places),
            "calculé" if each.general_regime_e4 is None else f"{each.general_regime_e4 // 100} %",
            each.caf_file_number or "",
            each.decision,
        )
        for each in evidence.settings
    ]


def _taps(evidence: CafEvidence) -> Rows:
    return [
        (
            each.tap_id,
            each.device_label,
            each.epoch,
            str(each.seq),
            each.kind,
            _moment(each.occurred_at, evidence.timezone),
            _moment(each.received_at, evidence.timezone),
            each.payload_hash,
            STATE_WORDS[each.state],
        )
        for each in evidence.taps
    ]


def _epochs(evidence: CafEvidence) -> Rows:
    return [
        (
            each.device_label,
            each.epoch,
            str(each.kept),
            str(each.watermark),
            each.digest or "",
            each.computed,
            STATE_WORDS[each.state],
        )
        for each in evidence.epochs
    ]


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
            tuple(row[1:] for row in _register(lines)),
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


def _moment(instant: int, zone: str) -> str:
    return f"{short_date(local_day(instant, zone))} {clock(local_minute(instant, zone))}"


def _csv(columns: Sequence[str], rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row] for row in rows)
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()
