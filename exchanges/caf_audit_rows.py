"""The tables of an audit folder, in finished text: what is declared, what it rests on, and its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.caf_audit import (
    AGE_WORDS,
    DECISION_WORDS,
    ROUNDED_WORDS,
    RULE_WORDS,
    WHY_NOT_WORDS,
    CountedDay,
    RegisterLine,
    hours_words,
    refuse_difference,
    splits,
    sums,
    whole_months,
)
from domain.french import clock, long_date, month_name, number, short_date
from domain.regimes import GROUP_WORDS
from domain.time import local_minute
from exchanges.caf_audit_taps import Rows, anomaly_rows, epoch_rows, hole_rows, moment, tap_row
from records.operations.caf_evidence import CafEvidence, RuleSeen


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


def audit_tables(evidence: CafEvidence, hours: Hours, period: Period) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Return each table by the name of its file. Raises Conflict when days do not add up to what is declared."""
    return {
        "synthese": (
            ("Service", "Mois", "Enfants", "Journées", "Minutes", "Heures", "Heures facturées"),
            _sums(evidence, hours, period),
        ),
        "journees": (
            (
                "Jour",
                "Enfant",
                "Service",
                "Règle",
                "Âge",
                "Régime",
                "AEEH",
                "Minutes réalisées",
                "Minutes facturées",
                "Déclaré",
                "Sinon",
            ),
            _days(evidence, hours),
        ),
        "repartition": (
            ("Service", "Âge", "Régime", "AEEH", "Enfants", "Journées", "Minutes", "Heures"),
            _splits(evidence, hours),
        ),
        "registre": (
            ("Jour", "Service", "Référence", "Enfant", "Arrivée", "Départ", "Minutes déclarées", "Remarque"),
            register_rows(hours.registers, Written(str, of_day)),
        ),
        "corrections": (
            ("Jour", "Enfant", "Service", "Correction", "Heure", "Raison", "Saisie", "Par", "Remplacée"),
            _corrections(evidence),
        ),
        "parametres": (("Valeur", "Depuis", "Montant", "Unité", "Source"), _values(evidence)),
        "regles": (("Service", "Depuis", "Règle des heures", "Plage", "Arrondi", "Décision"), _rules(evidence)),
        "convention": (("Depuis", "Places", "Régime général", "Dossier CAF", "Convention"), _settings(evidence)),
        "passages": (
            ("Passage", "Borne", "Série", "Numéro", "Sorte", "De", "Heure", "Reçu", "Empreinte", "Contrôle"),
            [tap_row(each, evidence) for each in evidence.taps],
        ),
        "anomalies": (
            ("Borne", "Série", "Numéro", "Sorte", "De", "Heure retenue", "Heure de la borne", "Constat"),
            anomaly_rows(evidence),
        ),
        "manques": (
            ("Borne", "Numéros", "Du", "Au", "Suite donnée", "Raison", "Saisie", "Par"),
            hole_rows(evidence),
        ),
        "preuve": (
            (
                "Borne",
                "Série",
                "Passages",
                "Dernier numéro",
                "Numéros absents",
                "Empreinte gardée",
                "Empreinte recalculée",
                "Contrôle",
            ),
            epoch_rows(evidence),
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
            "" if each.billed_minutes is None else hours_words(each.billed_minutes),
        )
        for each in found
    ]
    minutes = sum(each.minutes for each in found)
    billed = sum((each.billed_minutes or Decimal(0) for each in found), Decimal(0))
    days = sum(each.child_days for each in found)
    return [*rows, ("Total", "", "", number(days), str(minutes), hours_words(minutes), hours_words(billed))]


def _splits(evidence: CafEvidence, hours: Hours) -> Rows:
    found = splits(hours.counted)
    rows = [
        (
            evidence.services.get(each.service_ref, each.service_ref),
            AGE_WORDS[each.age_group],
            GROUP_WORDS.get(each.regime_group, "Régime inconnu"),
            "oui" if each.is_aeeh else "",
            number(each.children),
            number(each.child_days),
            str(each.minutes),
            hours_words(each.minutes),
        )
        for each in found
    ]
    minutes = sum(each.minutes for each in found)
    days = sum(each.child_days for each in found)
    return [*rows, ("Total", "", "", "", "", number(days), str(minutes), hours_words(minutes))]


def _days(evidence: CafEvidence, hours: Hours) -> Rows:
    return [
        (
            short_date(each.day),
            each.child_ref,
            evidence.services.get(each.service_ref, each.service_ref),
            RULE_WORDS.get(each.rule, each.rule),
            AGE_WORDS[each.age_group],
            GROUP_WORDS.get(each.regime_group, "Régime inconnu"),
            "oui" if each.is_aeeh else "",
            "" if each.realised_minutes is None else str(each.realised_minutes),
            "" if each.billed_minutes is None else format(each.billed_minutes, "f").replace(".", ","),
            "oui" if each.is_declared else "non",
            WHY_NOT_WORDS.get(each.why_not, each.why_not),
        )
        for each in hours.counted
    ]


@dataclass(frozen=True, slots=True)
class Written:
    """How a number of minutes and a minute of the day are written: for whoever reads, or for a spreadsheet."""

    minutes: Callable[[int], str]
    of_day: Callable[[int], str]


def of_day(minute: int) -> str:
    """Return « 16:40 », which a spreadsheet reads as a time."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def register_rows(lines: Iterable[RegisterLine], written: Written) -> Rows:
    """Return the register: day, service, reference and name of the child, arrival, departure, minutes declared,
    what nobody noted."""
    return [
        (
            short_date(each.day),
            each.service_label,
            each.child_ref,
            each.child_name,
            "" if each.arrived_minute is None else written.of_day(each.arrived_minute),
            "" if each.left_minute is None else written.of_day(each.left_minute),
            "" if each.declared_minutes is None else written.minutes(each.declared_minutes),
            _remark(each),
        )
        for each in lines
    ]


def _remark(line: RegisterLine) -> str:
    if line.arrived_minute is None and line.left_minute is None:
        return "sans passage"
    said = [
        word
        for word, is_derived in (("arrivée", line.is_arrival_derived), ("départ", line.is_departure_derived))
        if is_derived
    ]
    many = "s" if len(said) > 1 else ""
    derived = [f"{' et '.join(said)} non pointé{many} : horaire du service"] if said else []
    held = [f"non déclaré : {WHY_NOT_WORDS.get(line.why_not, line.why_not)}"] if line.why_not else []
    return ", ".join([*derived, *held])


def _corrections(evidence: CafEvidence) -> Rows:
    return [
        (
            short_date(each.day),
            evidence.people.get(each.child_ref, each.child_ref),
            evidence.services.get(each.service_ref, each.service_ref),
            DECISION_WORDS.get(each.kind, each.kind),
            "" if each.occurred_at is None else of_day(local_minute(each.occurred_at, evidence.timezone)),
            each.reason,
            moment(each.recorded_at, evidence.timezone),
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
            _rounding(each),
            each.decision,
        )
        for each in evidence.rules
    ]


def _rounding(rule: RuleSeen) -> str:
    said = f"{ROUNDED_WORDS[rule.rounding_on]} par {rule.rounding_minutes} min, {ROUNDED_WORDS[rule.rounding_mode]}"
    return f"{said} ; tolérance {rule.tolerance_minutes} min" if rule.tolerance_minutes else said


def _settings(evidence: CafEvidence) -> Rows:
    return [
        (
            short_date(each.valid_from),
            str(each.authorised_places),
            "calculé"
            if each.general_regime_e4 is None
            else f"{number(Decimal(each.general_regime_e4) / 100, 2)} %",
            each.caf_file_number or "",
            each.decision,
        )
        for each in evidence.settings
    ]
