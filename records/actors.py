"""Who acts, and what a role lets them do: every operation asks here before anything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import NotAllowed


class Right(StrEnum):
    """What an operation asks for. A right may be limited to the structures of the grant."""

    ADMINISTER = "administer"  # the collectivity itself, State values, retention
    MANAGE_ACCOUNTS = "manage_accounts"  # accounts, roles, deputies
    EDIT_REFERENCE = "edit_reference"  # structures, calendars, services and their rules, tariffs, kinds, bodies
    MANAGE_DEVICES = "manage_devices"  # terminals and the codes of their staff
    SEE_FAMILIES = "see_families"  # family files, without health and bank details
    EDIT_FAMILIES = "edit_families"  # family files, QF, custody, papers
    MERGE_FAMILIES = "merge_families"  # merge duplicates, take a merge back
    EDIT_ENROLMENTS = "edit_enrolments"  # enrolments, bookings, waiting lists, transport, séjours
    EDIT_COVERAGES = "edit_coverages"  # prises en charge: ask, quote, notify, apply
    RELAY_VOUCHERS = "relay_vouchers"  # pass the recaps of vouchers of one's places on to finance
    CLAIM_COVERAGES = "claim_coverages"  # statements to bodies, recaps received, ends of what bills deduct
    DECIDE_REQUESTS = "decide_requests"  # accept or refuse what families ask
    DECIDE_ATTENDANCE = "decide_attendance"  # A/AJ, corrections, late pick-ups, holes, unknown presences
    CALL_ROLL = "call_roll"  # say who is present, of one's own class or place
    SEE_HEALTH = "see_health"  # allergies, PAI, treatments…: each reading is logged
    EDIT_HEALTH = "edit_health"
    SEE_BANK = "see_bank"  # IBAN in full
    EDIT_BANK = "edit_bank"  # mandates
    SEE_PRESENCE = "see_presence"  # who is inside, by name
    SEE_MEALS = "see_meals"  # counts by school, day and diet
    ORDER_MEALS = "order_meals"  # menus, orders to the supplier, what was left, trays served
    SEE_CAF = "see_caf"  # CAF hours and balance sheets
    DECLARE_CAF = "declare_caf"  # accounts and counts of a place, and what is declared of it
    SEE_FIGURES = "see_figures"  # counts by commune, groups under five hidden
    SEE_MONEY = "see_money"  # priced lines and accounts of payers
    KEEP_ACCOUNTS = "keep_accounts"  # add movements to payers' accounts
    SEE_AUDIT = "see_audit"  # who did what, who read what
    IMPORT_DATA = "import_data"  # load a whole collectivity from files
    EXPORT_DATA = "export_data"  # take everything out, or all that is held on a family
    PURGE = "purge"  # list, order and carry out erasures
    SEND_TAPS = "send_taps"  # a terminal
    RUN_JOBS = "run_jobs"  # the scheduler
    SEE_OWN_FAMILY = "see_own_family"  # a guardian, on their own file only
    ASK_FOR_OWN_FAMILY = "ask_for_own_family"  # a guardian's requests


_FIGURES = {Right.SEE_MEALS, Right.SEE_CAF, Right.SEE_FIGURES}

# Whoever runs a place: directors, and coordinators for their schools.
_PLACE = {
    Right.SEE_FAMILIES,
    Right.EDIT_ENROLMENTS,
    Right.EDIT_COVERAGES,
    Right.DECIDE_REQUESTS,
    Right.DECIDE_ATTENDANCE,
    Right.CALL_ROLL,
    Right.SEE_HEALTH,
    Right.EDIT_HEALTH,
    Right.SEE_PRESENCE,
    Right.DECLARE_CAF,
    Right.ORDER_MEALS,
    *_FIGURES,
}
_OFFICE = {*_PLACE, Right.EDIT_FAMILIES, Right.SEE_MONEY}
_ADMIN = {
    *_OFFICE,
    Right.RELAY_VOUCHERS,
    Right.CLAIM_COVERAGES,
    Right.ADMINISTER,
    Right.MANAGE_ACCOUNTS,
    Right.EDIT_REFERENCE,
    Right.MANAGE_DEVICES,
    Right.MERGE_FAMILIES,
    Right.SEE_BANK,
    Right.EDIT_BANK,
    Right.SEE_AUDIT,
    Right.EXPORT_DATA,
    Right.PURGE,
}
# IT keeps the system going: it does not read health or bank details (domain notes §10, CAF notes §7).
_NOT_FOR_IT = {Right.SEE_HEALTH, Right.EDIT_HEALTH, Right.SEE_BANK, Right.EDIT_BANK}

RIGHTS_OF_ROLE: dict[str, frozenset[Right]] = {
    "super_admin": frozenset({*_ADMIN, Right.KEEP_ACCOUNTS, Right.IMPORT_DATA} - _NOT_FOR_IT),
    "admin_school": frozenset(_ADMIN),
    "admin_early_childhood": frozenset(_ADMIN),
    "referent": frozenset({*_OFFICE, Right.MERGE_FAMILIES}),
    "sector_manager": frozenset({*_OFFICE, Right.RELAY_VOUCHERS}),
    "coordinator": frozenset(_OFFICE),
    "leisure_director": frozenset(_PLACE),
    "daycare_director": frozenset(_PLACE),
    "teacher": frozenset({Right.SEE_PRESENCE, Right.CALL_ROLL}),
    "clerk": frozenset({Right.SEE_FAMILIES, Right.EDIT_FAMILIES, Right.EDIT_ENROLMENTS}),
    "finance": frozenset(
        {
            Right.SEE_FAMILIES,
            Right.SEE_MONEY,
            Right.KEEP_ACCOUNTS,
            Right.EDIT_COVERAGES,
            Right.CLAIM_COVERAGES,
            Right.SEE_BANK,
            Right.EDIT_BANK,
            Right.SEE_CAF,
            Right.DECLARE_CAF,
            Right.SEE_FIGURES,
        }
    ),
    "kitchen": frozenset({Right.SEE_MEALS, Right.ORDER_MEALS}),
    "agent": frozenset({Right.SEE_PRESENCE, Right.CALL_ROLL}),
    "elected": frozenset({Right.SEE_FIGURES}),
    "family": frozenset({Right.SEE_OWN_FAMILY, Right.ASK_FOR_OWN_FAMILY}),
}


# A teacher reaches the pupils of their own classes, never a whole place.
CLASS_ROLES = frozenset({"teacher"})


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in force today; `structure_id` None means the whole collectivity.

    `commune` narrows the figures of an elected official; None means all of them.
    """

    role: str
    structure_id: int | None = None
    commune: str | None = None

    def gives(self, right: Right) -> bool:
        """Return True when the role has the right over whole places."""
        return right in RIGHTS_OF_ROLE[self.role] and self.role not in CLASS_ROLES

    def gives_for_own_class(self, right: Right) -> bool:
        """Return True when the role has the right over its own classes only."""
        return right in RIGHTS_OF_ROLE[self.role] and self.role in CLASS_ROLES


@dataclass(frozen=True, slots=True)
class OwnClass:
    """A class that an account teaches today, and where it is."""

    class_id: int
    structure_id: int


@dataclass(frozen=True, slots=True)
class Actor:
    """The authenticated person or program behind an operation; `name` goes to the audit."""

    name: str
    grants: tuple[Grant, ...] = ()
    account_id: int | None = None
    person_id: int | None = None
    rights: frozenset[Right] = field(default_factory=frozenset)
    classes: frozenset[OwnClass] = field(default_factory=frozenset)

    @property
    def signature(self) -> str:
        """Who signs a row: the name, and the account's number since two people may share a name."""
        return self.name[:60] if self.account_id is None else f"{self.name[:60]} (compte {self.account_id})"

    def may(self, right: Right, structure_id: int | None = None) -> bool:
        """Return True when a grant of the actor gives the right there (None = everywhere)."""
        if right in self.rights:
            return True
        return any(grant.gives(right) and grant.structure_id in (None, structure_id) for grant in self.grants)

    def may_somewhere(self, right: Right) -> bool:
        """Return True when the actor has the right for at least one structure."""
        return right in self.rights or any(grant.gives(right) for grant in self.grants)

    def may_for_own_class(self, right: Right) -> bool:
        """Return True when the actor has the right for the classes they teach, even if there is none today."""
        return any(grant.gives_for_own_class(right) for grant in self.grants)

    def classes_with(self, right: Right) -> frozenset[OwnClass]:
        """Return the actor's own classes for which a role gives them the right."""
        places = {grant.structure_id for grant in self.grants if grant.gives_for_own_class(right)}
        return frozenset(each for each in self.classes if places & {None, each.structure_id})

    def structures_with(self, right: Right) -> frozenset[int] | None:
        """Return the structures where the actor has the right, or None for all of them."""
        if self.may(right):
            return None
        return frozenset(
            grant.structure_id for grant in self.grants if grant.gives(right) and grant.structure_id is not None
        )

    def require(self, right: Right, structure_id: int | None = None) -> None:
        """Raise NotAllowed unless the actor has the right there."""
        if not self.may(right, structure_id):
            raise self._refusal(right, structure_id)

    def require_somewhere(self, right: Right) -> None:
        """Raise NotAllowed unless the actor has the right for at least one structure."""
        if not self.may_somewhere(right):
            raise self._refusal(right, None)

    def require_for_own_class(self, right: Right) -> None:
        """Raise NotAllowed unless the actor has the right for a structure or for the classes they teach."""
        if not self.may_somewhere(right) and not self.may_for_own_class(right):
            raise self._refusal(right, None)

    def _refusal(self, right: Right, structure_id: int | None) -> NotAllowed:
        return NotAllowed(
            "Votre compte ne permet pas cette action. Rien n'a été enregistré. "
            "Demandez ce droit à l'administration du service.",
            actor=self.name,
            right=str(right),
            structure_id=structure_id,
        )


def program(name: str, *rights: Right) -> Actor:
    """Return the actor of a program (scheduler, terminal, set-up) with exactly the rights it needs."""
    return Actor(name=name, rights=frozenset(rights))


SETUP = program("installation", *Right)
