"""The tables of an audit folder that prove its taps: each tap, each series, what was altered, what never came."""

from __future__ import annotations

from collections.abc import Sequence

from domain.french import short_date
from domain.time import local
from records.operations.caf_evidence import CafEvidence
from records.operations.tap_proofs import (
    ADDED,
    BLANKED,
    CHANGED,
    COUNTED,
    CUT,
    IMPORTED,
    INTACT,
    LONE,
    MISSING,
    RETIMED,
    UNRECEIVED,
    EpochProof,
    TapProof,
)

STATE_WORDS = {
    INTACT: "intact",
    CUT: "numéro effacé par une purge, empreinte gardée",
    IMPORTED: "repris d'un autre logiciel, sans empreinte",
    COUNTED: "intact, daté par l'horloge du serveur (celle de la borne n'était pas sûre)",
    LONE: "intact, daté par l'horloge du serveur, sans autre passage pour le confirmer",
    CHANGED: "MODIFIÉ depuis sa réception",
    BLANKED: "EFFACÉ : son nom ou son badge a disparu sans purge",
    RETIMED: "DÉPLACÉ : l'heure retenue n'est pas celle que son message donne",
    ADDED: "AJOUTÉ : aucune borne ne l'a envoyé",
}
EPOCH_WORDS = {
    INTACT: "intacte",
    IMPORTED: "reprise d'un autre logiciel, sans empreinte",
    UNRECEIVED: "intacte ; des numéros ne sont jamais arrivés",
    CHANGED: "MODIFIÉE : ses passages ne sont plus ceux qui ont été reçus",
    MISSING: "INCOMPLÈTE : des passages reçus n'y sont plus",
    ADDED: "AJOUTÉE : aucune borne ne l'a envoyée",
}
HOLE_WORDS = {"list_typed_in": "liste papier saisie", "declared_closed": "rien à saisir ce jour-là"}
TAP_WORDS = {"badge": "badge", "roll_call": "appel", "undo": "annulation"}
Rows = Sequence[tuple[str, ...]]


def tap_row(tap: TapProof, evidence: CafEvidence) -> tuple[str, ...]:
    """Return a tap: who sent it, of whom, when, its hash and what became of it."""
    return (
        tap.tap_id,
        *_sent(tap, evidence),
        moment(tap.received_at, evidence.timezone),
        tap.payload_hash,
        STATE_WORDS[tap.state],
    )


def _subject(tap: TapProof, evidence: CafEvidence) -> str:
    if tap.child_ref:
        return evidence.people.get(tap.child_ref, tap.child_ref)
    if tap.typed_name:
        return f"« {tap.typed_name} »"
    return f"badge …{tap.badge_uid[-4:]}" if tap.badge_uid else ""


def _sent(tap: TapProof, evidence: CafEvidence) -> tuple[str, ...]:
    """Return which terminal sent a tap, under which number, of whom and when."""
    return (
        tap.device_label,
        tap.epoch,
        str(tap.seq),
        TAP_WORDS.get(tap.kind, tap.kind),
        _subject(tap, evidence),
        moment(tap.occurred_at, evidence.timezone),
    )


def anomaly_rows(evidence: CafEvidence) -> Rows:
    """Return each tap and series that is not as it came in, one a line; none when all are."""
    taps = [
        (
            *_sent(tap, evidence),
            moment(tap.claimed_at, evidence.timezone),
            STATE_WORDS[tap.state] + (" (hors de la période)" if tap.is_outside else ""),
        )
        for tap in evidence.altered_taps
    ]
    epochs = [
        (each.device_label, each.epoch, _numbers(each), "série", "", "", "", EPOCH_WORDS[each.state])
        for each in evidence.altered_epochs
    ]
    return [*taps, *epochs]


def _numbers(epoch: EpochProof) -> str:
    """« 3, 5 à 9 »: the numbers that are not there."""
    runs: list[list[int]] = []
    for number_ in epoch.gone:
        if runs and runs[-1][1] == number_ - 1:
            runs[-1][1] = number_
        else:
            runs.append([number_, number_])
    return ", ".join(str(first) if first == last else f"{first} à {last}" for first, last in runs)


def epoch_rows(evidence: CafEvidence) -> Rows:
    """Return each series against its digest."""
    return [
        (
            each.device_label,
            each.epoch,
            str(each.kept),
            str(each.watermark),
            _numbers(each),
            each.digest or "",
            each.computed,
            EPOCH_WORDS[each.state],
        )
        for each in evidence.epochs
    ]


def hole_rows(evidence: CafEvidence) -> Rows:
    """Return what people said of taps that never came."""
    return [
        (
            each.device_label,
            "silence" if each.first_missing is None else f"{each.first_missing} à {each.last_missing}",
            moment(each.from_at, evidence.timezone),
            moment(each.until_at, evidence.timezone),
            HOLE_WORDS.get(each.outcome, each.outcome),
            each.reason,
            moment(each.recorded_at, evidence.timezone),
            each.recorded_by,
        )
        for each in evidence.holes
    ]


def moment(instant: int, zone: str) -> str:
    """Return « 03/03/2026 09:00:00 »: a tap is known to the second."""
    at = local(instant, zone)
    return f"{short_date(at.date())} {at:%H:%M:%S}"
