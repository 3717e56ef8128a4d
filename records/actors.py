"""Who acts, and what a role lets them do: every operation asks here before anything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import NotAllowed


class Right(StrEnum):
    """What an operation asks for. A right may be limited to the structures of the grant."""

    ADMINISTER = "administer"  # accounts, structures, services, tariffs, devices
    EDIT_FAMILIES = "edit_families"  # family files, QF, enrolments, bookings
    DECIDE_ATTENDANCE = "decide_attendance"  # A/AJ, corrections, unknown presences
    SEE_PRESENCE = "see_presence"  # who is inside, by name
    SEE_MEALS = "see_meals"  # counts by school, day and diet
    SEE_CAF = "see_caf"  # CAF hours and balance sheets
    SEE_MONEY = "see_money"  # priced lines and accounts of payers
    KEEP_ACCOUNTS = "keep_accounts"  # add movements to payers' accounts
    SEND_TAPS = "send_taps"  # a terminal
    RUN_JOBS = "run_jobs"  # the scheduler
    SEE_OWN_FAMILY = "see_own_family"  # a guardian, on their own file only


_OFFICE = {
    Right.EDIT_FAMILIES,
    Right.DECIDE_ATTENDANCE,
    Right.SEE_PRESENCE,
    Right.SEE_MEALS,
    Right.SEE_CAF,
    Right.SEE_MONEY,
}

RIGHTS_OF_ROLE: dict[str, frozenset[Right]] = {
    "super_admin": frozenset({Right.ADMINISTER, Right.KEEP_ACCOUNTS, *_OFFICE}),
    "admin_school": frozenset({Right.ADMINISTER, *_OFFICE}),
    "admin_early_childhood": frozenset({Right.ADMINISTER, *_OFFICE}),
    "referent": frozenset(_OFFICE),
    "sector_manager": frozenset(_OFFICE),
    "coordinator": frozenset(_OFFICE),
    "leisure_director": frozenset({Right.DECIDE_ATTENDANCE, Right.SEE_PRESENCE, Right.SEE_MEALS, Right.SEE_CAF}),
    "daycare_director": frozenset({Right.DECIDE_ATTENDANCE, Right.SEE_PRESENCE, Right.SEE_MEALS, Right.SEE_CAF}),
    "teacher": frozenset({Right.SEE_PRESENCE}),
    "clerk": frozenset({Right.EDIT_FAMILIES}),
    "finance": frozenset({Right.SEE_MONEY, Right.SEE_CAF, Right.KEEP_ACCOUNTS}),
    "kitchen": frozenset({Right.SEE_MEALS}),
    "agent": frozenset({Right.SEE_PRESENCE}),
    "elected": frozenset(),
    "family": frozenset({Right.SEE_OWN_FAMILY}),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in force today; `structure_id` None means the whole collectivity."""

    role: str
    structure_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The authenticated person or program behind an operation; `name` goes to the audit."""

    name: str
    grants: tuple[Grant, ...] = ()
    account_id: int | None = None
    person_id: int | None = None
    rights: frozenset[Right] = field(default_factory=frozenset)

    @property
    def signature(self) -> str:
        """Who signs a row: the name, and the account's number since two people may share a name."""
        return self.name[:60] if self.account_id is None else f"{self.name[:60]} (compte {self.account_id})"

    def may(self, right: Right, structure_id: int | None = None) -> bool:
        """Return True when a grant of the actor gives the right there (None = everywhere)."""
        if right in self.rights:
            return True
        return any(
            right in RIGHTS_OF_ROLE[grant.role] and grant.structure_id in (None, structure_id)
            for grant in self.grants
        )

    def may_somewhere(self, right: Right) -> bool:
        """Return True when the actor has the right for at least one structure."""
        return right in self.rights or any(right in RIGHTS_OF_ROLE[grant.role] for grant in self.grants)

    def structures_with(self, right: Right) -> frozenset[int] | None:
        """Return the structures where the actor has the right, or None for all of them."""
        if self.may(right):
            return None
        return frozenset(
            grant.structure_id
            for grant in self.grants
            if right in RIGHTS_OF_ROLE[grant.role] and grant.structure_id is not None
        )

    def require(self, right: Right, structure_id: int | None = None) -> None:
        """Raise NotAllowed unless the actor has the right there."""
        if not self.may(right, structure_id):
            raise self._refusal(right, structure_id)

    def require_somewhere(self, right: Right) -> None:
        """Raise NotAllowed unless the actor has the right for at least one structure."""
        if not self.may_somewhere(right):
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
