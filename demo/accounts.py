"""Log-ins of the demo: staff, families and the codes of agents at terminals. Printed, because nothing is real."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from demo.plan import TownPlan
from demo.scope import Scope
from records.actors import SETUP
from records.database import Records
from records.operations import accounts, devices, ledger

WORDS = (
    "verger", "luciole", "noisette", "ruisseau", "cerisier", "moineau", "clairon", "tournesol",
    "galet", "marronnier", "hirondelle", "coquelicot", "brindille", "papillon", "sentier", "mirabelle",
    "rouge-gorge", "pivoine", "chouette", "tilleul", "barque", "lavande", "crayon", "boussole",
    "lanterne", "cabane", "marelle", "toboggan", "goutte",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A log-in to show to whoever tries the demo."""

    login: str
    password: str
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class AgentLogin:
    """The code that opens the staff area of a place's terminals."""

    ref: str
    code: str
    name: str
    structure_ref: str


def write_accounts(records: Records, plan: TownPlan) -> tuple[list[DemoLogin], list[AgentLogin]]:
    """Create the accounts of staff and of the named families, and the agents' codes; return what to show."""
    scope = plan.scope
    logins = _logins(plan)
    accounts.create_accounts(records, SETUP, [_account(login, plan) for login in logins])
    agents = _agents(scope)
    start = scope.period.years[0].starts_on
    devices.set_agent_codes(
        records,
        SETUP,
        [
            devices.NewAgentCode(agent.ref, _login_of(agent, scope), agent.structure_ref, agent.code, start)
            for agent in agents
        ],
    )
    return logins, agents


def write_opening_balances(records: Records, plan: TownPlan) -> None:
    """Write what some payers still owed before the first day of the plan."""
    label = "Solde repris du logiciel précédent"
    entries = [
        ledger.NewEntry(payer.ref, "opening", payer.opening_cents, label, plan.scope.period.first_day)
        for family in plan.families
        for payer in family.payers
        if payer.opening_cents
    ]
    ledger.add_entries(records, SETUP, entries)


def agent_at(agents: Sequence[AgentLogin], structure_ref: str) -> AgentLogin:
    """Return who holds the tablet of a place: its own agent, before the direction."""
    return next(agent for agent in reversed(agents) if agent.structure_ref == structure_ref)


def passphrase(source: random.Random) -> str:
    """Draw three words and two digits: long enough for the rule on passwords, short enough to type."""
    words = source.sample(WORDS, 3)
    return f"{words[0]}-{words[1]}-{words[2]}-{source.randrange(10, 100)}"


def _logins(plan: TownPlan) -> list[DemoLogin]:
    scope = plan.scope
    found = [
        DemoLogin(staff.login, _password(scope, staff.login), staff.display_name, staff.what)
        for staff in scope.town.staff
    ]
    people = {adult.human.ref: adult.human for family in plan.families for adult in family.guardians}
    what = {login: data.what for data in scope.town.families for login in data.logins}
    for family in plan.families:
        for login, person_ref in family.logins:
            name = people[person_ref].full_name
            found.append(DemoLogin(login, _password(scope, login), name, what[login]))
    return found


def _password(scope: Scope, login: str) -> str:
    return passphrase(scope.stream("password", login))


def _account(login: DemoLogin, plan: TownPlan) -> accounts.NewAccount:
    start = plan.scope.period.years[0].starts_on
    person = {name: ref for family in plan.families for name, ref in family.logins}.get(login.login)
    staff = next((each for each in plan.scope.town.staff if each.login == login.login), None)
    role, structure = ("family", None) if staff is None else (staff.role, staff.structure)
    grant = accounts.NewGrant(role, start, structure_ref=structure)
    email = None if staff is None else staff.email
    return accounts.NewAccount(login.login, login.name, login.password, (grant,), person, email)


def _agents(scope: Scope) -> list[AgentLogin]:
    found = []
    for staff in scope.town.staff:
        code = f"{scope.stream('code', staff.login).randrange(1000, 10_000)}"
        for structure in staff.code_at:
            ref = f"{staff.login.replace('agent.', 'agent-')}-{structure}"
            found.append(AgentLogin(ref, code, staff.display_name, structure))
    return found


def _login_of(agent: AgentLogin, scope: Scope) -> str:
    return next(staff.login for staff in scope.town.staff if staff.display_name == agent.name)
