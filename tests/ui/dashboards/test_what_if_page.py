"""« Simuler un tarif »: a grid is checked by name, replayed as a job, shown with who gains and who loses."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.screens.what_if import _launch
from dashboards.viewmodels.what_if import summary_page
from domain.errors import InvalidData, MarelleError
from domain.what_if import SchoolYear, school_year
from jobs.kinds import JobContext
from jobs.tariff_simulation import simulate_tariff
from records.actors import SETUP
from records.operations import accounts, jobs
from records.operations.tariff_trials import read_grid
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_staff_pages import metrics, words
from tests.ui.town import PASSWORD, TODAY, Town
from warehouse.reader import read_simulation

YEAR = "2026-2027"
HEADER = "tarif;debut;rang;libelle;qf_de;qf_a_exclu;unite;montant"
GRID = f"""{HEADER}
tarif-cantine;2027-09-01;1;QF de moins de 350;;350,00;repas;1,00
tarif-cantine;2027-09-01;2;QF de 350 et plus;350,00;;repas;4,00
"""
GAP = f"""{HEADER}
tarif-cantine;2027-09-01;1;QF de moins de 350;;350,00;repas;1,00
tarif-cantine;2027-09-01;2;QF de 400 et plus;400,00;;repas;4,00
"""


def _for(kind: str, unit: str) -> str:
    """Return the grid with one more line, of a kind that the year published does not tell."""
    lines = (
        GRID.replace(";montant", ";montant;nature").replace("repas;1,00", "repas;1,00;").replace(";4,00", ";4,00;")
    )
    return f"{lines}tarif-cantine;2027-09-01;3;En plus;;;{unit};5,00;{kind}\n"


@pytest.fixture
def grid_file(tmp_path: Path) -> Path:
    """A grid on trial, in the format of the import."""
    path = tmp_path / "tarifs_lignes.csv"
    path.write_text(GRID, encoding="utf-8")
    return path


def replayed(town: Town, home: Path, grid_file: Path) -> str:
    """Ask for the replay as finance does, and run the job; returns the key of the simulation."""
    records = town.records
    token = accounts.log_in(records, "finances", PASSWORD, records.clock())[0]
    actor = accounts.actor_of_session(records, token)
    assert actor is not None
    versions = read_grid(records, actor, grid_file, SchoolYear(2026))
    seq = records.change_seq()
    jobs.ask_simulation(records, actor, YEAR, versions)
    job = jobs.claim_next(records, SETUP)
    assert job is not None
    context = JobContext(records, home, "", job.arguments, lambda _share, _said: None)
    result = simulate_tariff(context)
    jobs.finish(records, SETUP, job.job_id, result)
    assert records.change_seq() == seq  # nothing of it is a record
    return str(result["simulation"])


def test_finance_sees_revenue_service_deciles_winners_and_losers(
    open_pages: Open, staff_town: Town, tmp_path: Path, grid_file: Path
) -> None:
    key = replayed(staff_town, tmp_path / "home", grid_file)
    app = open_pages("finances", "simuler-un-tarif", annee=YEAR)
    said = words(app)
    assert list(metrics(app)) == [
        "Avec la grille essayée",
        "Écart sur l'année",
        "Paieraient moins",
        "Paieraient plus",
    ]
    found = read_simulation(tmp_path / "home", key)
    assert found.now != found.then
    assert "Cette grille aurait rapporté" in said
    assert "Cantine" in said
    assert "Fournier" in said  # finance may read family files
    paper = summary_page(found, "Val-d'Essai", TODAY)
    assert "Fournier" not in paper
    assert "Cette grille aurait rapporté" in paper


def test_before_any_simulation_the_page_says_what_to_do(open_pages: Open) -> None:
    assert "Aucune simulation pour le moment" in words(open_pages("finances", "simuler-un-tarif"))


def test_kitchen_does_not_open_the_page(open_pages: Open) -> None:
    app = open_pages("cuisine", "simuler-un-tarif")
    assert [title.value for title in app.title] == ["Cette page ne vous est pas ouverte"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (GAP, "QF 350"),
        (GRID.replace("tarif-cantine", "tarif-inconnu"), "tarif-inconnu"),
        (GRID.replace("4,00", "quatre"), "ligne 3, colonne montant"),
        (GRID.replace(";unite;", ";unité de prix;"), "Colonne inconnue"),
        (_for("adhésion", "mois"), "n'a pas d'adhésion de cette durée"),
        (_for("séjour", "séjour"), "un séjour garde son prix"),
        (_for("dépassement d'horaire", "fois"), "ne compte pas les départs tardifs à part"),
    ],
)
def test_grid_with_a_fault_is_refused_by_name(staff_town: Town, tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "essai.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MarelleError) as refused:
        read_grid(staff_town.records, SETUP, path, school_year(YEAR))
    assert told in str(refused.value).replace("\u00a0", " ")


def test_page_without_a_file_says_which_one_to_add() -> None:
    with pytest.raises(InvalidData, match=r"tarifs_lignes\.csv"):
        _launch(None, [], SchoolYear(2026))  # type: ignore[arg-type]
