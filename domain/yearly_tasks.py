"""Tasks that come back each year: when one is due, and the list that a town begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """A day of each year, from when on it is asked for, and the years it holds in: `[valid_from, valid_to)`."""

    month: int
    day: int
    notice_days: int
    valid_from: date
    valid_to: date | None = None

    def due_days(self, first: date, last: date) -> list[date]:
        """Return the days it falls on between two days, both in."""
        days = (date(year, self.month, self.day) for year in range(first.year, last.year + 1))
        end = self.valid_to or date.max
        return [day for day in days if first <= day <= last and self.valid_from <= day < end]

    def asked_on(self, today: date) -> date | None:
        """Return the day it is due that is asked for today: the last one whose notice has begun, however late."""
        horizon = today + timedelta(days=self.notice_days)
        found = self.due_days(date(today.year - 1, 1, 1), horizon)
        return found[-1] if found else None

    def next_after(self, today: date) -> date | None:
        """Return the day it is due next, today included; None once it has ended."""
        found = self.due_days(today, date(today.year + 2, 12, 31))
        return found[0] if found else None


def is_yearly_day(month: int, day: int) -> bool:
    """Return True for a day that every year has: 29 February is none."""
    try:
        date(2001, month, day)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class ProposedTask:
    """A task as Marelle proposes it: the town changes its day, its words or who does it, or ends it."""

    ref: str
    label: str
    how: str
    month: int
    day: int
    notice_days: int
    held_right: str


PROPOSED: tuple[ProposedTask, ...] = (
    ProposedTask(
        "qf-janvier",
        "Renouveler les quotients familiaux",
        "Lancez « marelle quotients refresh », puis regardez les QF qui diffèrent.",
        1,
        15,
        15,
        "edit_families",
    ),
    ProposedTask(
        "valeurs-etat",
        "Vérifier les valeurs nationales de l'année",
        "Taux, plancher et plafond : comparez « marelle state-values list » au texte paru.",
        1,
        15,
        15,
        "administer",
    ),
    ProposedTask(
        "caf-previsionnel",
        "Déclarer à la CAF le prévisionnel de l'année",
        "Page Déclarations CAF, ou « marelle caf declaration » : contrôlez, exportez, saisissez sur le portail.",
        2,
        13,
        45,
        "declare_caf",
    ),
    ProposedTask(
        "caf-reel",
        "Déclarer à la CAF l'activité réelle de l'année passée",
        "Vérifiez d'abord les fautes de cohérence (« marelle doctor »), puis « marelle caf declaration ».",
        3,
        31,
        60,
        "declare_caf",
    ),
    ProposedTask(
        "msa-t1",
        "Transmettre les bons MSA du premier trimestre",
        "« marelle coverage recap ».",
        3,
        31,
        15,
        "claim_coverages",
    ),
    ProposedTask(
        "calendrier",
        "Importer les vacances et les jours fériés de l'année scolaire qui vient",
        "« marelle calendar import », puis les ponts et les fermetures.",
        4,
        15,
        30,
        "edit_reference",
    ),
    ProposedTask(
        "annee-scolaire",
        "Préparer l'année scolaire qui vient",
        "« marelle school-year prepare » puis « roll-over » : vérifiez la classe suivante de chaque élève.",
        5,
        15,
        30,
        "edit_reference",
    ),
    ProposedTask(
        "dossiers",
        "Faire mettre à jour les dossiers familles",
        "Demandez les papiers de l'année qui vient.",
        5,
        31,
        30,
        "edit_families",
    ),
    ProposedTask(
        "msa-t2",
        "Transmettre les bons MSA du deuxième trimestre",
        "« marelle coverage recap ».",
        6,
        30,
        15,
        "claim_coverages",
    ),
    ProposedTask(
        "caf-actualisation-juin",
        "Actualiser pour la CAF les chiffres de janvier à juin",
        "Page Déclarations CAF, ou « marelle caf declaration » : contrôlez, exportez, saisissez sur le portail.",
        7,
        10,
        25,
        "declare_caf",
    ),
    ProposedTask(
        "tarifs",
        "Publier les tarifs votés pour la rentrée",
        "Une nouvelle version commence : l'ancienne garde ses lignes.",
        7,
        15,
        30,
        "edit_reference",
    ),
    ProposedTask(
        "comptes",
        "Revoir les comptes, les rôles et les suppléances",
        "Fermez les comptes de qui est parti.",
        8,
        31,
        15,
        "manage_accounts",
    ),
    ProposedTask(
        "qf-septembre",
        "Renouveler les quotients familiaux de la rentrée",
        "Lancez « marelle quotients refresh », puis demandez ceux qui manquent.",
        9,
        10,
        10,
        "edit_families",
    ),
    ProposedTask(
        "doublons",
        "Chercher et fusionner les dossiers en double",
        "Après les inscriptions de la rentrée, avant la première facture.",
        9,
        30,
        15,
        "merge_families",
    ),
    ProposedTask(
        "msa-t3",
        "Transmettre les bons MSA du troisième trimestre",
        "« marelle coverage recap ».",
        9,
        30,
        15,
        "claim_coverages",
    ),
    ProposedTask(
        "caf-actualisation",
        "Actualiser pour la CAF les chiffres de janvier à septembre",
        "Page Déclarations CAF, ou « marelle caf declaration » : contrôlez, exportez, saisissez sur le portail.",
        10,
        12,
        25,
        "declare_caf",
    ),
    ProposedTask(
        "purge",
        "Purger ce qui a passé sa durée de conservation",
        "« marelle rgpd list », puis l'ordre signé.",
        11,
        15,
        15,
        "purge",
    ),
    ProposedTask(
        "msa-t4",
        "Transmettre les bons MSA du quatrième trimestre",
        "« marelle coverage recap ».",
        12,
        31,
        15,
        "claim_coverages",
    ),
)
