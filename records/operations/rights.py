"""How far each role reaches in each operation: what the code allows, to print, to publish, and to compare.

The table it is compared with is written by hand: `tests/records/rights_matrix.csv`.
"""

from __future__ import annotations

from enum import StrEnum

from records.actors import CLASS_ROLES, RIGHTS_OF_ROLE, Right
from records.operations.registry import Operation, Scope, all_operations

ROLE_WORDS = {
    "super_admin": "Super-administrateur (informatique)",
    "admin_school": "Administrateur fonctionnel, scolaire",
    "admin_early_childhood": "Administrateur fonctionnel, petite enfance",
    "referent": "Référent de service",
    "sector_manager": "Responsable de secteur",
    "coordinator": "Coordinateur scolaire",
    "leisure_director": "Directeur d'accueil de loisirs",
    "daycare_director": "Directeur de halte-garderie",
    "teacher": "Enseignant",
    "clerk": "Agent de saisie saisonnier",
    "finance": "Finances",
    "kitchen": "Cuisine",
    "agent": "Agent d'accueil",
    "elected": "Élu",
    "family": "Famille",
}
RIGHT_WORDS = {
    Right.ADMINISTER: "Administrer la collectivité et ses paramètres",
    Right.MANAGE_ACCOUNTS: "Gérer les comptes, les rôles et les suppléances",
    Right.EDIT_REFERENCE: "Modifier les lieux, calendriers, services et tarifs",
    Right.MANAGE_DEVICES: "Gérer les bornes et les codes des agents",
    Right.SEE_FAMILIES: "Voir les dossiers des familles",
    Right.EDIT_FAMILIES: "Modifier les dossiers des familles",
    Right.MERGE_FAMILIES: "Fusionner des dossiers en double",
    Right.EDIT_ENROLMENTS: "Inscrire et réserver",
    Right.EDIT_COVERAGES: "Tenir les prises en charge",
    Right.RELAY_VOUCHERS: "Transmettre aux finances les bons de ses structures",
    Right.CLAIM_COVERAGES: "Réclamer aux organismes et clore les prises en charge",
    Right.DECIDE_REQUESTS: "Répondre aux demandes des familles",
    Right.DECIDE_ATTENDANCE: "Décider des présences et des absences",
    Right.CALL_ROLL: "Faire l'appel",
    Right.SEE_HEALTH: "Voir les données de santé",
    Right.EDIT_HEALTH: "Modifier les données de santé",
    Right.SEE_BANK: "Voir les coordonnées bancaires",
    Right.EDIT_BANK: "Modifier les mandats de prélèvement",
    Right.SEE_PRESENCE: "Voir qui est présent",
    Right.SEE_MEALS: "Voir les repas",
    Right.ORDER_MEALS: "Commander les repas et noter les restes",
    Right.SEE_CAF: "Voir les heures CAF",
    Right.DECLARE_CAF: "Saisir et figer les déclarations CAF",
    Right.SEE_FIGURES: "Voir les chiffres par commune",
    Right.SEE_MONEY: "Voir les lignes facturées et les comptes",
    Right.KEEP_ACCOUNTS: "Tenir les comptes des payeurs",
    Right.SEE_AUDIT: "Voir qui a fait quoi",
    Right.IMPORT_DATA: "Importer une collectivité",
    Right.EXPORT_DATA: "Exporter les données",
    Right.PURGE: "Purger les données échues",
    Right.SEND_TAPS: "Envoyer des pointages (borne)",
    Right.RUN_JOBS: "Lancer les traitements (ordonnanceur)",
    Right.SEE_OWN_FAMILY: "Voir son propre dossier",
    Right.ASK_FOR_OWN_FAMILY: "Faire une demande pour son dossier",
}
_OWN_FILE = (Right.SEE_OWN_FAMILY, Right.ASK_FOR_OWN_FAMILY)


class Reach(StrEnum):
    """How far a role reaches in an operation."""

    TOWN = "town"  # with the role for the whole collectivity
    ANY = "any"  # on every file, wherever the role holds: a file belongs to no place
    PLACE = "place"  # at the structures of the role
    CLASS = "class"  # for the pupils of one's own classes
    FILE = "file"  # on one's own family file
    NO = "no"


REACH_WORDS = {
    Reach.TOWN: "ville",
    Reach.ANY: "tout",
    Reach.PLACE: "lieu",
    Reach.CLASS: "classe",
    Reach.FILE: "dossier",
    Reach.NO: "–",
}


def reach(operation: Operation, role: str) -> Reach:
    """Return how far a role reaches in an operation, by the right and the scope that it declares."""
    if operation.right not in RIGHTS_OF_ROLE[role]:
        return Reach.NO
    if operation.right in _OWN_FILE:
        return Reach.FILE
    if role in CLASS_ROLES:
        return Reach.CLASS if operation.scope is Scope.CLASS else Reach.NO
    if operation.scope is Scope.TOWN:
        return Reach.TOWN
    return Reach.ANY if operation.scope is Scope.ANYWHERE else Reach.PLACE


def matrix() -> dict[str, dict[str, Reach]]:
    """Return how far each role reaches, by operation then by role."""
    return {name: {role: reach(each, role) for role in RIGHTS_OF_ROLE} for name, each in all_operations().items()}
