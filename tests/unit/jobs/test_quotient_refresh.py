"""Refreshing every QF: each answer kept at once, cut anywhere and gone on with, one at a time, told in French."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.errors import InvalidData
from domain.quotients import published_from
from exchanges.quotient import client
from exchanges.quotient.access import FILE
from exchanges.quotient.errors import AccessNotConfigured, AccessRefused
from exchanges.quotient.register import Dossier, Register, Somebody, write_register
from exchanges.quotient.stand_in import StandIn, serving
from jobs.kinds import JobContext, Result, registry
from jobs.quotient_refresh import (
    LOCK_FILE,
    QUOTIENT_REFRESH,
    RefreshInProgress,
    RefreshInterrupted,
    asked_month,
    refresh_quotients,
)
from jobs.scheduler import SCHEDULER, Scheduler
from records.actors import SETUP
from records.database import Records, open_records, records_url
from records.models import Qf, QuotientAnswer, QuotientBatch
from records.operations import jobs
from records.operations.family_edits import edit_person
from tests.factories.databases import Content, sqlite_copy, sqlite_template
from tests.factories.people import FamilyRefs, a_family, an_enrolment
from tests.factories.town import NOW, TODAY, HandClock, make_town
from tests.harness.processes import Processes

TOKEN, SIRET = "un-jeton", "21790000000019"
BORN = date(1990, 3, 18)
NAMES = ("Un", "Deux", "Trois", "Quatre", "Cinq", "Six")
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client wait a hundredth of what it waits for a service that stumbles."""
    monkeypatch.setattr(client, "FIRST_WAIT_SECONDS", client.FIRST_WAIT_SECONDS / 100)


@pytest.fixture(scope="module")
def template() -> Path:
    """The small town with six families whose guardians are known to the desk."""

    def fill(records: Records) -> None:
        make_town(records)
        for name in NAMES:
            identify(records, a_family(records, name, qf_e2=34_900))

    return sqlite_template(Content("six_families", fill))


def identify(records: Records, family: FamilyRefs) -> None:
    known = {"birth_date": BORN, "sex": "F", "birth_country_code": "99100", "birth_commune_code": "08480"}
    edit_person(records, SETUP, family.guardians[0], known, 1)
    an_enrolment(records, family)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "marelle"
    folder.mkdir()
    return folder


@pytest.fixture
def records(home: Path, template: Path) -> Iterator[Records]:
    opened = sqlite_copy(template, home, HandClock())
    yield opened
    opened.close()


def dossier(name: str, value: int, failures: Sequence[int] = ()) -> Dossier:
    person = Somebody(name.upper(), "ADULTE", BORN.isoformat(), "F", None, "08480")
    return Dossier("CNAF", (person,), (), {"2026-06": value}, failures=tuple(failures))


def everybody(**failures: Sequence[int]) -> Register:
    households = [dossier(name, 500 + place, failures.get(name, ())) for place, name in enumerate(NAMES)]
    return Register(TOKEN, tuple(households), 1_000)


def configure(home: Path, url: str, token: str = TOKEN, calls: int = 1_000) -> None:
    lines = f'url = "{url}"\ntoken = "{token}"\nsiret = "{SIRET}"\ncalls_per_second = {calls}\n'
    (home / FILE).write_text(lines, encoding="utf-8")


class Run:
    """Runs of the job in a folder, and what they told of themselves."""

    def __init__(self, records: Records, home: Path) -> None:
        self.records = records
        self.home = home
        self.told: list[tuple[float, str]] = []
        self.cut_after: int | None = None

    def __call__(self, **arguments: str) -> Result:
        url = self.records.engine.url.render_as_string()
        return refresh_quotients(JobContext(self.records, self.home, url, arguments, self._progress))

    def _progress(self, share: float, message: str) -> None:
        self.told.append((share, message))
        if self.cut_after is not None and len(self.told) > self.cut_after:
            raise KeyboardInterrupt

    def values(self) -> list[int]:
        with self.records.read() as session:
            return list(
                session.scalars(select(Qf.value_e2).where(Qf.effective_from == NOVEMBER).order_by(Qf.value_e2))
            )


@pytest.fixture
def run(records: Records, home: Path) -> Run:
    return Run(records, home)


ALL_VALUES = [50_000 + 100 * place for place in range(len(NAMES))]


def test_every_family_gets_a_new_qf_and_the_former_one_stays(run: Run) -> None:
    with serving(StandIn(everybody(), lambda: TODAY)) as url:
        configure(run.home, url)
        result = run()
    assert (result["month"], result["found"], result["unanswered"]) == ("2026-11", 6, 0)
    assert run.values() == ALL_VALUES
    with run.records.read() as session:
        assert session.scalar(select(func.count()).where(Qf.value_e2 == 34_900)) == 6


def test_progress_is_told_file_by_file(run: Run) -> None:
    with serving(StandIn(everybody(), lambda: TODAY)) as url:
        configure(run.home, url)
        run()
    assert [share for share, _ in run.told] == [place / 6 for place in range(6)]
    assert run.told[2][1] == "2 sur 6 : novembre 2026"


def test_an_interrupted_refresh_asks_only_those_who_are_left(run: Run) -> None:
    stand_in = StandIn(everybody(), lambda: TODAY)
    with serving(stand_in) as url:
        configure(run.home, url)
        run.cut_after = 4
        with pytest.raises(KeyboardInterrupt):
            run()
        assert len(run.values()) == 4
        run.cut_after = None
        result = run()
    assert (result["resumed"], result["before"], result["asked"], stand_in.questions) == (True, 4, 2, 6)
    assert run.values() == ALL_VALUES


def test_a_service_that_goes_away_stops_the_job_and_keeps_what_was_answered(run: Run) -> None:
    gone = {name: [503] * 5 for name in ("Quatre", "Six", "Trois")}  # in a row, by their refs
    stand_in = StandIn(everybody(**gone), lambda: TODAY)
    with serving(stand_in) as url:
        configure(run.home, url)
        with pytest.raises(RefreshInterrupted, match=r"reprendra où elle s'est arrêtée"):
            run()
        kept = len(run.values())
        assert 0 < kept < 6
        result = run()  # every household has stumbled as often as it had to
    assert (result["resumed"], result["before"], result["unanswered"]) == (True, kept, 0)
    assert run.values() == ALL_VALUES


def test_one_household_without_an_answer_leaves_the_refresh_to_be_finished(run: Run) -> None:
    with serving(StandIn(everybody(Deux=[502] * 5), lambda: TODAY)) as url:
        configure(run.home, url)
        assert run()["unanswered"] == 1
        assert run()["asked"] == 1
    assert run.values() == ALL_VALUES


def test_early_in_the_month_every_former_qf_stays_and_it_is_said(run: Run, home: Path) -> None:
    early = NOVEMBER.replace(day=3)
    clock = HandClock()
    clock.set(600, early)
    run.records.clock = clock
    stand_in = StandIn(everybody(), lambda: early)
    with serving(stand_in) as url:
        configure(home, url)
        assert (run()["not_yet"], run.values()) == (6, [])
        later = published_from(NOVEMBER)
        clock.set(600, later)
        stand_in.today = lambda: later
        assert (run()["found"], run.values()) == (6, ALL_VALUES)


def test_a_refused_token_stops_at_the_first_question(run: Run) -> None:
    stand_in = StandIn(everybody(), lambda: TODAY)
    with serving(stand_in) as url:
        configure(run.home, url, token="faux")
        with pytest.raises(AccessRefused, match="habilitation"):
            run()
    assert stand_in.questions == 1


def test_without_an_access_nothing_is_begun(run: Run) -> None:
    with pytest.raises(AccessNotConfigured, match=r"api-particulier\.toml"):
        run()
    with run.records.read() as session:
        assert session.scalars(select(QuotientBatch)).all() == []


def test_two_refreshes_at_once_are_one_too_many(run: Run) -> None:
    configure(run.home, "http://127.0.0.1:9")
    with (run.home / LOCK_FILE).open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(RefreshInProgress, match="déjà en cours"):
            run()


@pytest.mark.parametrize("given", ["novembre", "2026-13", "2027-01", "26-1"])
def test_a_month_that_is_none_or_to_come_is_refused(given: str) -> None:
    with pytest.raises(InvalidData):
        asked_month(given, TODAY)


def test_the_scheduler_runs_it_by_its_name(run: Run) -> None:
    with serving(StandIn(everybody(), lambda: TODAY)) as url:
        configure(run.home, url)
        jobs.ask(run.records, SCHEDULER, QUOTIENT_REFRESH, {"month": "2026-11"})
        kinds = {QUOTIENT_REFRESH: registry()[QUOTIENT_REFRESH]}
        runner = Scheduler(run.records, run.home, "", kinds)
        runner._build_asked_at = run.records.clock()  # no build is due in this test
        assert runner.step()
    [job] = jobs.list_jobs(run.records, SCHEDULER, 1)
    assert (job.state, dict(job.result or {})["found"]) == ("done", 6)


KILLED = """
import sys
from pathlib import Path
from jobs.kinds import JobContext
from jobs.quotient_refresh import refresh_quotients
from records.database import open_records

home, url = Path(sys.argv[1]), sys.argv[2]
records = open_records(url, lambda: int(sys.argv[3]))

def told(share, message):
    print(message, flush=True)

refresh_quotients(JobContext(records, home, url, {}, told))
"""


def test_a_refresh_killed_in_the_middle_loses_nothing_and_asks_nobody_twice(
    run: Run, processes: Processes, tmp_path: Path
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    with serving(StandIn(everybody(), lambda: TODAY)) as url:
        configure(run.home, url, calls=5)
        address = run.records.engine.url.render_as_string()
        killed = processes.start("killed", [sys.executable, str(script), str(run.home), address, str(NOW)])
        killed.wait_for_line("2 sur 6")
        killed.kill()
        before = len(run.values())
        assert before >= 2
        result = run()
    assert (result["resumed"], result["before"]) == (True, before)
    assert run.values() == ALL_VALUES
    with run.records.read() as session:
        assert session.scalar(select(func.count()).select_from(QuotientAnswer)) == 6


def test_the_register_of_a_town_is_answered_from_while_the_job_runs(run: Run) -> None:
    write_register(run.home / "imaginaires.json", TOKEN, everybody().dossiers)
    text = f'token = "{TOKEN}"\nsiret = "{SIRET}"\nregister = "imaginaires.json"\n'
    (run.home / FILE).write_text(text, encoding="utf-8")
    result = run(month="2026-10")
    assert (result["month"], result["found"]) == ("2026-10", 6)
    records = open_records(records_url(run.home))
    with records.read() as session:
        assert session.scalar(select(func.count()).where(Qf.effective_from == date(2026, 10, 1))) == 6
    records.close()
