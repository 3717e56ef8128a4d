"""Each person sees the pages of their rights, the places of their grants, and nothing else."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from domain.french import NBSP
from records.actors import SETUP
from records.operations import accounts
from tests.ui.dashboards.conftest import UNKNOWN_BADGE, Open
from tests.ui.town import PASSWORD, Town

SATURDAY = date(2026, 11, 28)
PAGES = (
    "presents",
    "frequentation",
    "encadrement",
    "elus",
    "terminaux",
    "controles",
    "prises-en-charge",
    "cuisine",
    "commande-repas",
    "plateaux",
    "bilan-caf",
    "declarations-caf",
    "comptes-structure",
    "comptages",
    "convention-caf",
    "fermetures",
    "menus",
    "reglages-cuisine",
)
NAMES = ("Léa", "Noé", "Inès", "FOURNIER", "BELKACEM")
SHOWN = ("title", "subheader", "markdown", "warning", "success", "info", "error")


def words(app: AppTest) -> str:
    """Return everything a page says, tables and labels included, its no-break spaces plain."""
    assert not app.exception, app.exception
    said = [str(getattr(element, "value", "")) for kind in SHOWN for element in app.get(kind)]
    said += [f"{metric.label} {metric.value} {metric.delta}" for metric in app.metric]
    said += [expander.label for expander in app.expander]
    said += [f"{box.label} {' '.join(box.options)}" for box in app.selectbox]
    said += [table.value.to_string() for table in app.table]
    return "\n".join(said).replace(NBSP, " ")


def table_with(app: AppTest, column: str) -> Any:
    """Return the first table of a page that has a column."""
    return next(table.value for table in app.table if column in table.value.columns)


def metrics(app: AppTest) -> dict[str, tuple[str, str]]:
    """Return label → value and reference."""
    return {one.label: (str(one.value), str(one.delta).replace(NBSP, " ")) for one in app.metric}


@pytest.mark.parametrize("page", ["", *PAGES])
def test_without_a_session_every_address_asks_to_log_in(open_pages: Open, page: str) -> None:
    app = open_pages(None, page)
    assert [title.value for title in app.title] == ["Connectez-vous"]
    links = [link.proto.url for link in app.get("link_button")]
    assert links == ["http://127.0.0.1:8020/connexion?suite=dashboards"]
    assert not any(name in words(app) for name in NAMES)


@pytest.mark.parametrize(
    ("login", "page", "title"),
    [
        ("coordination", "presents", "Présents maintenant"),
        ("coordination", "frequentation", "Fréquentation"),
        ("cuisine", "frequentation", "Cette page ne vous est pas ouverte"),
        ("coordination", "encadrement", "Encadrement"),
        ("finances", "encadrement", "Cette page ne vous est pas ouverte"),
        ("coordination", "cuisine", "Repas prévus et servis"),
        ("coordination", "bilan-caf", "Bilan CAF"),
        ("animation", "presents", "Présents maintenant"),
        ("animation", "cuisine", "Cette page ne vous est pas ouverte"),
        ("cuisine", "cuisine", "Repas prévus et servis"),
        ("cuisine", "presents", "Cette page ne vous est pas ouverte"),
        ("cuisine", "bilan-caf", "Cette page ne vous est pas ouverte"),
        ("cuisine", "adresse-inconnue", "Cette page n'existe pas"),
        ("finances", "bilan-caf", "Bilan CAF"),
        ("finances", "prises-en-charge", "Prises en charge"),
        ("cuisine", "commande-repas", "Repas estimés et commande"),
        ("cuisine", "plateaux", "Cette page ne vous est pas ouverte"),
        ("coordination", "plateaux", "Plateaux"),
        ("finances", "commande-repas", "Cette page ne vous est pas ouverte"),
        ("coordination", "fermetures", "Fermetures, grèves et sorties"),
        ("cuisine", "fermetures", "Cette page ne vous est pas ouverte"),
        ("cuisine", "menus", "Menus"),
        ("finances", "menus", "Cette page ne vous est pas ouverte"),
        ("cuisine", "reglages-cuisine", "Réglages de la cuisine"),
        ("finances", "reglages-cuisine", "Cette page ne vous est pas ouverte"),
        ("cuisine", "prises-en-charge", "Cette page ne vous est pas ouverte"),
        ("finances", "presents", "Cette page ne vous est pas ouverte"),
        ("elue", "elus", "Élus"),
        ("elue", "presents", "Cette page ne vous est pas ouverte"),
        ("animation", "elus", "Cette page ne vous est pas ouverte"),
        ("claire@exemple.test", "presents", "Aucune page ne vous est ouverte"),
    ],
)
def test_role_opens_its_pages_and_no_other(open_pages: Open, login: str, page: str, title: str) -> None:
    app = open_pages(login, page)
    assert [one.value for one in app.title] == [title]
    if title.endswith("ouverte"):
        assert not app.metric
        assert not any(name in words(app) for name in NAMES)


@pytest.mark.parametrize(
    ("login", "title"), [("coordination", "Présents maintenant"), ("cuisine", "Repas prévus et servis")]
)
def test_root_leads_to_the_first_page_of_the_role(open_pages: Open, login: str, title: str) -> None:
    assert [one.value for one in open_pages(login).title] == [title]


def test_present_page_counts_who_is_here_against_who_is_expected(open_pages: Open) -> None:
    app = open_pages("coordination", "presents")
    assert metrics(app)["Sur place"] == ("1", "sur 1 attendu")
    said = words(app)
    assert "données à 16 h 45, reçues de 1 terminal sur 2 ; sans nouvelles de : Borne bourg" in said
    assert "Garderie du soir, École des Tilleuls (16 h 30 – 18 h 30) : 1 sur place sur 1 attendu" in said
    assert "1 passage sans nom à compléter" in said
    assert "Badge …00BB, badge inconnu" in said.replace("\\", "")
    assert "FOURNIER Léa" in said


def test_whole_day_shows_who_is_missing_from_lunch(open_pages: Open) -> None:
    app = open_pages("coordination", "presents", service="journee")
    assert metrics(app)["À pointer"] == ("1", "sur 3 attendus")
    rows = app.table[0].value
    assert list(rows.columns) == ["Quoi", "Qui", "Service", "Depuis"]
    missing = rows[rows["Quoi"].str.contains("À pointer")]
    assert list(missing["Qui"]) == ["FOURNIER Noé, Petite section"]


def test_agent_of_one_place_reads_no_name_of_another(open_pages: Open) -> None:
    for service in ("en-cours", "journee", "cantine"):
        said = words(open_pages("animation", "presents", service=service))
        assert "FOURNIER" not in said
        assert "Tilleuls" not in said
        assert "passage sans nom" not in said
    assert "BELKACEM Inès" in words(open_pages("animation", "presents", service="cantine"))


def test_address_cannot_widen_the_places_of_a_grant(open_pages: Open) -> None:
    said = words(open_pages("animation", "presents", lieu="tilleuls", service="journee"))
    assert "Tilleuls" not in said


def test_finance_reads_what_bodies_owe_and_what_waits(open_pages: Open) -> None:
    app = open_pages("finances", "prises-en-charge")
    said = words(app)
    assert not app.exception
    assert "Rien n'attend : toutes les prises en charge sont appliquées ou closes." in said
    assert metrics(app)["Dû par les organismes"] == ("0,00 €".replace(" ", NBSP), "0 décision")
    assert "Aucun organisme ne doit rien pour ce mois." in said
    assert "Les jours des récapitulatifs de bons MSA ne sont pas fixés" in said


def test_kitchen_reads_counts_and_never_a_name(open_pages: Open) -> None:
    app = open_pages("cuisine", "cuisine")
    assert metrics(app)["Servis aujourd'hui"] == ("2", "sur 3 prévus")
    assert metrics(app)["Repas à commander"] == ("3", "sur 3 prévus")
    overview = table_with(app, "Standard")
    assert list(overview.columns) == ["Lieu", "Standard", "Prévus", "À commander", "Servis"]
    assert [list(row) for row in overview.itertuples(index=False)] == [
        ["École des Tilleuls", 2, 2, 2, 1],
        ["École du Bourg", 1, 1, 1, 1],
        ["Total", 3, 3, 3, 2],
    ]
    assert not any(name in words(app) for name in NAMES)


def test_kitchen_sees_the_coming_days_with_an_estimate(open_pages: Open) -> None:
    app = open_pages("cuisine", "cuisine", jour="2026-11-26")
    assert list(metrics(app)) == ["Repas à commander", "Paniers repas", "Repas estimés"]
    assert "École du Bourg" in list(table_with(app, "Repas estimés")["Lieu"])
    assert "Jeudi 26 novembre" in words(app)


def test_caf_hours_are_exact_and_split(open_pages: Open) -> None:
    app = open_pages("finances", "bilan-caf")
    table = app.table[0].value
    assert table["Service"].to_list() == ["Cantine", "Garderie du soir", "Total"]
    # Four lunches of two hours, one evening counted for its whole slot: the general fund is Léa's and Noé's.
    assert [str(hours) for hours in table["Heures"]] == ["8.00", "2.00", "10.00"]
    assert "heures sans régime ou sans âge connu" in words(app)
    assert not any(name in words(app) for name in NAMES)


@pytest.mark.parametrize(("key", "value"), [("lieu", "bourg"), ("jour", "2026-11-23")])
def test_filter_is_kept_in_the_address(open_pages: Open, key: str, value: str) -> None:
    app = open_pages("cuisine", "cuisine")
    assert key not in app.query_params
    app.selectbox(key=key).select(value).run()
    assert not app.exception
    assert app.query_params[key] in (value, [value])
    assert app.selectbox(key=key).value == value


def test_address_with_an_unknown_filter_shows_the_default(open_pages: Open) -> None:
    app = open_pages("cuisine", "cuisine", lieu="ailleurs", jour="hier")
    assert not app.exception
    assert (app.selectbox(key="lieu").value, app.selectbox(key="jour").value) == ("tous", "2026-11-24")


@pytest.mark.parametrize("page", ["cuisine", "bilan-caf"])
def test_missing_figures_are_told_with_the_command(open_pages: Open, tmp_path: Path, page: str) -> None:
    shutil.rmtree(tmp_path / "home" / "warehouse")
    app = open_pages("coordination", page)
    assert not app.exception
    assert "marelle warehouse build" in app.error[0].value


def test_newer_entries_are_said_to_wait(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("cuisine", "cuisine")
    assert "attendent le prochain calcul" not in words(app)
    with staff_town.records.write(SETUP, "something") as write:
        write.audit("collectivity", 1, old=None, new={"note": "any"})
    assert "attendent le prochain calcul" in words(app.run())


def test_page_left_open_shows_nothing_once_the_session_has_ended(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("coordination", "presents")
    assert "Léa" in words(app)
    staff_town.clock.now += 31 * 60_000_000
    said = words(app.run())
    assert "Connectez-vous" in said
    assert "Léa" not in said


@pytest.mark.parametrize(("is_activity", "is_open"), [(True, True), (False, False)])
def test_page_that_refreshes_by_itself_keeps_no_session_open(
    staff_town: Town, is_activity: bool, is_open: bool
) -> None:
    records = staff_town.records
    token, _actor = accounts.log_in(records, "coordination", PASSWORD, records.clock())
    staff_town.clock.now += 29 * 60_000_000
    assert accounts.actor_of_session(records, token, is_activity=is_activity) is not None
    staff_town.clock.now += 2 * 60_000_000
    assert (accounts.actor_of_session(records, token) is not None) is is_open


def test_day_without_taps_falls_back_to_the_last_one(open_pages: Open, staff_town: Town) -> None:
    staff_town.clock.now += 4 * 24 * 3600 * 1_000_000  # Saturday
    app = open_pages("coordination", "presents")
    assert app.selectbox(key="jour").value == "2026-11-24"
    assert app.selectbox(key="service").value == "journee"


def test_badge_read_on_a_closed_day_is_still_shown(open_pages: Open, staff_town: Town) -> None:
    staff_town.at(12 * 60, SATURDAY)
    staff_town.tap("tilleuls", UNKNOWN_BADGE, 600, SATURDAY)
    app = open_pages("coordination", "presents")
    assert app.selectbox(key="jour").value == str(SATURDAY)
    assert "Aucun service n'est ouvert" in words(app)
    assert "Badge …00BB, badge inconnu" in words(app).replace("\\", "")


def test_training_base_says_so_on_every_page(open_pages: Open) -> None:
    for page in PAGES:
        assert "BASE D'ENTRAÎNEMENT" in words(open_pages("coordination", page))
