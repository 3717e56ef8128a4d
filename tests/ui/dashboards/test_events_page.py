"""« Fermetures, grèves et sorties »: entered, listed and taken back by whoever decides at the place."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.viewmodels.events import typed_minute
from domain.errors import InvalidData
from records.actors import SETUP
from records.operations.events import EventSeen, NewEvent, add_event, list_events
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_staff_pages import words
from tests.ui.dashboards.test_terminals_page import press
from tests.ui.town import THURSDAY, TODAY, Town

PAGE = "fermetures"
DAYS = (TODAY, date(2027, 7, 1))
FRIDAY = date(2026, 11, 27)


def known(town: Town) -> list[EventSeen]:
    return list(list_events(town.records, SETUP, DAYS).lines)


def typed(app: AppTest, **texts: str) -> None:
    """Fill text fields by their first words."""
    for label, text in texts.items():
        next(each for each in app.text_input if each.label.startswith(label.replace("_", " "))).input(text)


def chosen(app: AppTest, label: str, value: str) -> AppTest:
    next(each for each in app.selectbox if each.label == label).set_value(value)
    return app.run()


def test_a_closure_is_entered_listed_and_taken_back(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("coordination", PAGE)
    assert "Rien à venir" in words(app)
    app = chosen(app, "Lieu", "bourg")
    typed(app, Nom="Dératisation", Premier="26/11/2026", Dernier="27/11/2026")
    app = press(app, "Enregistrer l'événement")
    said = words(app)
    assert "Événement enregistré" in said
    assert "Dératisation" in said
    assert "du 26/11/2026 au 27/11/2026" in said or "du 26 nov. 2026 au 27 nov. 2026" in said
    [seen] = known(staff_town)
    event = seen.kept.what
    assert (event.kind, event.structure_ref, event.starts_on) == ("closure", "bourg", THURSDAY)
    assert event.ends_on == date(2026, 11, 28)
    said = words(press(app, "Annuler cet événement"))
    assert "Annulé" in said
    assert [each.is_cancelled for each in known(staff_town)] == [True]


def test_an_outing_names_its_class_and_its_hours(open_pages: Open, staff_town: Town) -> None:
    app = chosen(open_pages("coordination", PAGE), "Nature", "outing")
    app = chosen(app, "Lieu", "tilleuls")
    typed(app, Nom="Ferme", Premier="27/11/2026", De_="9 h", À="16:30")
    press(app, "Enregistrer l'événement")
    [seen] = known(staff_town)
    event = seen.kept.what
    assert event.class_ref
    assert (event.starts_on, event.start_minute, event.end_minute) == (FRIDAY, 540, 990)


def test_what_is_no_day_is_refused_and_nothing_is_written(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("coordination", PAGE)
    typed(app, Nom="Grève", Premier="31/11/2026")
    app = press(app, "Enregistrer l'événement")
    assert "Rien n'a été enregistré" in app.error[0].value
    assert known(staff_town) == []


def test_whoever_decides_nowhere_is_refused(open_pages: Open, staff_town: Town) -> None:
    add_event(staff_town.records, SETUP, NewEvent("e1", "strike", "Grève", THURSDAY, FRIDAY))
    assert "Cette page ne vous est pas ouverte" in [one.value for one in open_pages("cuisine", PAGE).title]


@pytest.mark.parametrize(("text", "minute"), [("", None), ("8 h 30", 510), ("14h", 840), ("24:00", 1440)])
def test_an_hour_is_read_as_people_type_it(text: str, minute: int | None) -> None:
    assert typed_minute(text) == minute


@pytest.mark.parametrize("text", ["midi", "25 h", "8 h 75", "8"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(InvalidData, match="heure"):
        typed_minute(text)
