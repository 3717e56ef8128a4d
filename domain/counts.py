"""What services that keep no names count for the CAF (CAF notes §2.4), in the words of their surveys."""

from __future__ import annotations

INDICATOR_WORDS: dict[str, str] = {
    "rpe_fte": "Équivalents temps plein",
    "rpe_opening_hours": "Heures d'ouverture",
    "rpe_childminders": "Assistants maternels rencontrés depuis janvier",
    "rpe_families": "Familles différentes reçues depuis janvier",
    "rpe_contacts": "Contacts (tous canaux)",
    "rpe_sessions": "Temps d'éveil",
    "rpe_session_children": "Enfants aux temps d'éveil",
    "rpe_session_childminders": "Assistants maternels aux temps d'éveil",
    "rpe_trainings": "Départs en formation",
    "laep_sessions": "Séances",
    "laep_opening_hours": "Heures d'ouverture",
    "laep_organisation_hours": "Heures d'organisation",
    "laep_children": "Enfants différents depuis janvier",
    "laep_families": "Familles différentes depuis janvier",
    "laep_attendances": "Passages d'enfants",
    "laep_new_families": "Familles nouvelles",
    "youth_opening_hours": "Heures d'ouverture",
    "youth_visits": "Passages de jeunes",
    "youth_sessions": "Séances",
}
# Said anew, and not added up: who works there, and whoever is counted once a year however often they come. Without
# a name nobody can tell whether today's family is last week's: the service says how many it knows since January.
STANDING = frozenset({"rpe_fte", "rpe_childminders", "rpe_families", "laep_children", "laep_families"})
KIND_WORDS = {"rpe": "Relais petite enfance (RPE)", "laep": "Lieu d'accueil enfants-parents (LAEP)",
              "youth": "Accueil de jeunes"}  # fmt: skip


def kind_of(indicator: str) -> str:
    """Return the kind of service that counts it: a key of KIND_WORDS."""
    return indicator.split("_", 1)[0]


def with_decimals(indicator: str) -> bool:
    """Return whether it may have decimals: hours and full-time equivalents."""
    return indicator.endswith(("_hours", "_fte"))
