"""« Contrôles »: each fault goes to its owner, is marked dealt with, and comes back when figures still have it."""

from pathlib import Path

from records.actors import SETUP
from records.operations.fault_marks import fault_marks
from tests.harness.models import publish_without_dbt
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_staff_pages import words
from tests.ui.dashboards.test_terminals_page import press
from tests.ui.town import Town
from warehouse.reader import open_snapshot

PAGE = "controles"


def test_fault_is_marked_dealt_with_and_comes_back_when_it_is_still_there(
    open_pages: Open, staff_town: Town, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    faults = open_snapshot(home).coherence_faults()
    app = open_pages("coordination", PAGE)
    assert f"{len(faults)} défauts à traiter" in words(app)
    [box] = [each for each in app.selectbox if each.label == "Défaut"]
    key = str(box.value)
    app = press(app, "Marquer traité")
    assert "Dites ce qui a été fait" in app.error[0].value
    staff_town.at(17 * 60)
    [note] = [each for each in app.text_input if each.label == "Ce qui a été fait"]
    note.input("Papier demandé")
    app = press(app, "Marquer traité")
    assert "Défaut marqué traité" in app.success[0].value
    assert "✓ Traité" in words(app)
    assert fault_marks(staff_town.records, SETUP, [key])[key].note == "Papier demandé"
    staff_town.at(17 * 60 + 30)
    publish_without_dbt(home, f"sqlite:///{home / 'records.db'}", staff_town.clock.now)
    said = words(open_pages("coordination", PAGE))
    assert "1 est revenu" in said
    assert "Papier demandé" in said


def test_month_end_tells_how_many_faults_each_owner_has(open_pages: Open) -> None:
    app = open_pages("coordination", "fin-de-mois")
    said = words(app)
    assert "à traiter" in said
    assert "Bureau des familles" in said


def test_owner_of_one_place_gets_their_own_faults_of_no_place_and_nobody_elses(
    staff_town: Town, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    publish_without_dbt(home, f"sqlite:///{home / 'records.db'}", staff_town.clock.now)
    reader = open_snapshot(home)
    of_no_place = [each for each in reader.coherence_faults() if each.structure_ref is None]
    assert of_no_place
    owner = of_no_place[0].owner_role
    assert reader.coherence_faults(["un-autre-lieu"]) == []
    assert reader.coherence_faults(["un-autre-lieu"], [owner]) == [
        each for each in of_no_place if each.owner_role == owner
    ]
    assert reader.coherence_faults(["un-autre-lieu"], ["personne"]) == []
