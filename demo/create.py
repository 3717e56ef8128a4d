"""Creating the demo collectivity: all of it or nothing, in an empty MARELLE_HOME."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from demo.accounts import AgentLogin, DemoLogin, write_accounts, write_opening_balances
from demo.aids import paper_scenes, planned_aids, write_bodies, write_papers
from demo.aids_data import aids_data
from demo.allocataires import write_api_particulier
from demo.caf import forecast_scenes, write_caf
from demo.caf_accounts import accounts_scenes, write_prices
from demo.caf_data import caf_data
from demo.calendar import SchoolCalendar, period
from demo.clock import VirtualClock
from demo.files import write_badges, write_enrolments, write_families
from demo.month_ends import closed_months, closing_day, month_scenes
from demo.packages import write_psu, write_sejour
from demo.plan import TownPlan, make_plan
from demo.reference import write_collectivity, write_school_years, write_services
from demo.replay import Player, Stage
from demo.scenes import Backstage, Scene
from demo.scope import Scope
from demo.source import town_data
from demo.tasks import task_scenes, write_tasks
from demo.workshop import bring, fast_folder, put_in_place, room_aside
from domain.errors import InvalidData, MarelleError
from domain.time import instant_at
from records.database import Records, open_records, records_url
from records.migrations import upgrade
from records.models import Collectivity
from warehouse.project import keep_models
from warehouse.snapshot import folder as warehouse_folder

Progress = Callable[[float, str], None]
SUMMARY_FILE = "demo.json"
CHILDREN_MIN, CHILDREN_MAX = 20, 2_000
MONTHS_MIN, MONTHS_MAX = 1, 12
# The records are set up before the first day, which lies before the longest holidays when today lies after them.
SET_UP_DAYS_BEFORE = 150
BADGES_SHOWN = 6
PAPERS_AFTER = 6  # days after the first invoices
_WRITTEN_SHARE = 0.12


class HomeNotEmpty(MarelleError):
    """The folder or the database already holds something: the demo never mixes with real data."""

    code = "home_not_empty"


class DemoInterrupted(MarelleError):
    """The creation stopped half-way in a database that cannot be moved aside."""

    code = "demo_interrupted"


@dataclass(frozen=True, slots=True)
class DemoSpec:
    """What to create; the same values give the same town."""

    today: date
    children: int = 300
    months: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class DemoBadge:
    """A badge to try on the simulated reader."""

    uid: str
    name: str
    class_name: str
    structure_ref: str


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What whoever tries the demo needs; kept in `demo.json`, because nothing in this town is real."""

    town: str
    children: int
    families: int
    taps: int
    first_day: str
    last_day: str
    seed: int
    logins: list[DemoLogin]
    agents: list[AgentLogin]
    badges: list[DemoBadge]


def create_demo(
    home: Path, url: str | None, spec: DemoSpec, progress: Progress, models: Path | None = None
) -> DemoSummary:
    """Create the demo town in MARELLE_HOME; `url` is the configured database, None for SQLite in the folder.

    `models` is a home whose compiled models are taken, None to compile them: months are closed with their figures.

    On SQLite everything is built aside and put in place by one rename: an interruption leaves nothing. Raises
    HomeNotEmpty, InvalidData for impossible sizes, DemoInterrupted on PostgreSQL.
    """
    _check(spec)
    _require_empty(home)
    if url is not None:
        return _create_in_database(home, url, _Making(spec, progress, models))
    home.parent.mkdir(parents=True, exist_ok=True)
    with room_aside(home) as (workshop, aside):
        summary = _build(workshop, records_url(workshop), _Making(spec, progress, models))
        bring(workshop, aside)
        put_in_place(aside, home)
        return summary


def read_summary(home: Path) -> DemoSummary | None:
    """Return what the creation of this folder's demo wrote down, None when it is not a demo."""
    try:
        found = json.loads((home / SUMMARY_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    found["logins"] = [DemoLogin(**row) for row in found["logins"]]
    found["agents"] = [AgentLogin(**row) for row in found["agents"]]
    found["badges"] = [DemoBadge(**row) for row in found["badges"]]
    return DemoSummary(**found)


def _check(spec: DemoSpec) -> None:
    if not CHILDREN_MIN <= spec.children <= CHILDREN_MAX:
        raise InvalidData(f"La ville de démonstration compte de {CHILDREN_MIN} à {CHILDREN_MAX} enfants.")
    if not MONTHS_MIN <= spec.months <= MONTHS_MAX:
        raise InvalidData(f"La démonstration couvre de {MONTHS_MIN} à {MONTHS_MAX} mois.")


def _require_empty(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise HomeNotEmpty(
            f"Le dossier {home} n'est pas vide : la démonstration ne se mélange pas à d'autres données. "
            "Rien n'a été fait. Choisissez un autre dossier dans MARELLE_HOME, ou videz celui-ci.",
            home=str(home),
        )


@dataclass(frozen=True, slots=True)
class _Making:
    spec: DemoSpec
    progress: Progress
    models: Path | None


def _create_in_database(home: Path, url: str, making: _Making) -> DemoSummary:
    """Fill a database server: nothing can be renamed there, so a half-made town is refused from then on."""
    upgrade(records_url(home, url))
    records = open_records(records_url(home, url))
    try:
        with records.read() as session:
            is_empty = session.scalar(select(Collectivity.id)) is None
    finally:
        records.close()
    if not is_empty:
        raise HomeNotEmpty(
            "La base de données contient déjà une collectivité. Rien n'a été fait. "
            "Créez une base vide et indiquez-la dans MARELLE_DATABASE_URL."
        )
    home.mkdir(parents=True, exist_ok=True)
    try:
        return _build(home, records_url(home, url), making)
    except BaseException as error:
        raise DemoInterrupted(
            "La création s'est interrompue : la base de données contient une ville incomplète. "
            "Supprimez cette base, créez-en une vide, puis relancez « marelle demo »."
        ) from error


def _build(folder: Path, url: str, making: _Making) -> DemoSummary:
    town, spec, progress = town_data(), making.spec, making.progress
    upgrade(url)
    clock = VirtualClock(
        instant_at(spec.today - timedelta(days=31 * spec.months + SET_UP_DAYS_BEFORE), 0, town.timezone)
    )
    records = open_records(url, clock)
    try:
        progress(0.0, "Le calendrier et les services…")
        calendar = write_collectivity(records, town, spec.today)
        found = period(calendar, spec.today, spec.months)
        plan = make_plan(Scope(town, found, spec.seed, spec.children))
        logins, agents = _write_town(records, plan, progress)
        scenes = _write_aids(records, plan, calendar)
        with tempfile.TemporaryDirectory(prefix="marelle-bornes-", dir=fast_folder()) as room:
            figures = Path(room) / "figures"
            if making.models is not None:
                keep_models(warehouse_folder(making.models), warehouse_folder(figures))
            stage = Stage(records, clock, agents, Path(room), Backstage(records, url, figures))
            span = 1 - _WRITTEN_SHARE
            Player(plan, stage).play(scenes, lambda share, what: progress(_WRITTEN_SHARE + span * share, what))
            keep_models(warehouse_folder(figures), warehouse_folder(folder))
        summary = _summary(plan, logins, agents)
        _write_summary(folder, summary)
        write_api_particulier(folder, plan, spec.today)
        progress(1.0, "La ville est prête.")
        return summary
    finally:
        records.close()


def _write_town(records: Records, plan: TownPlan, progress: Progress) -> tuple[list[DemoLogin], list[AgentLogin]]:
    write_school_years(records, plan.scope.period, plan.classes)
    write_services(records, plan.scope.town, plan.scope.period)
    progress(0.03, "Les familles et les inscriptions…")
    write_families(records, plan)
    write_enrolments(records, plan.enrolments)
    write_badges(records, plan)
    write_opening_balances(records, plan)
    progress(0.07, "Les comptes…")
    return write_accounts(records, plan)


def _write_aids(records: Records, plan: TownPlan, calendar: SchoolCalendar) -> list[Scene]:
    """Write what bodies pay, the crèche scale and the trip; return what offices do in the months that follow."""
    data = aids_data()
    write_bodies(records, plan, data)
    write_psu(records, plan, data.psu)
    write_sejour(records, plan, data.sejour)
    caf = caf_data()
    write_caf(records, plan, caf)
    write_prices(records, plan, caf)
    write_tasks(records, plan)
    start = plan.scope.period.main_year.starts_on.replace(day=1)  # aids begin with it, as the bodies that pay them
    months = [month for month in closed_months(plan) if month >= start]
    aids = planned_aids(plan, data, months[0] if months else plan.scope.period.last_day)
    write_papers(records, plan, aids)
    scenes = [
        *month_scenes(plan),
        *forecast_scenes(plan, caf, calendar),
        *accounts_scenes(plan, caf),
        *task_scenes(plan),
    ]
    if months:
        papers_on = closing_day(plan, months[0]) + timedelta(days=PAPERS_AFTER)
        scenes += paper_scenes(plan, aids, min(papers_on, plan.scope.period.last_day))
    return scenes


def _summary(plan: TownPlan, logins: list[DemoLogin], agents: list[AgentLogin]) -> DemoSummary:
    scope = plan.scope
    names = {each.ref: each.name for each in plan.classes}
    year = scope.period.years[-1].ref
    badges = [
        DemoBadge(child.badge_uid, child.human.full_name, names[child.class_refs[year]], child.school)
        for family in plan.families
        for child in family.children
        if child.badge_uid and child.school == scope.town.schools[0].ref and year in child.class_refs
    ]
    return DemoSummary(
        town=scope.town.name,
        children=sum(len(family.children) for family in plan.families),
        families=len(plan.families),
        taps=len(plan.gestures.all),
        first_day=scope.period.days[0].isoformat(),
        last_day=scope.period.last_day.isoformat(),
        seed=scope.seed,
        logins=logins,
        agents=agents,
        badges=badges[:BADGES_SHOWN],
    )


def _write_summary(folder: Path, summary: DemoSummary) -> None:
    path = folder / SUMMARY_FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(summary), ensure_ascii=False, indent=1), encoding="utf-8")
