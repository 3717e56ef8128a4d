"""The CAF's pages: national values, accounts, counts and declarations, entered and frozen by whoever may."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.context import Site, Visit
from domain.caf_days import days_of
from domain.caf_declarations import Control, Figure
from domain.french import NBSP
from records.actors import SETUP, Actor, Grant, Right, program
from records.operations import accounts
from records.operations.accounting import (
    NewAccountingLine,
    accounting_lines,
    add_accounting_line,
    correct_accounting_line,
)
from records.operations.aeeh import AeehLine, aeeh_of
from records.operations.anonymous_counts import counts_of
from records.operations.attendance import Decision, decide
from records.operations.caf_settings import NewCafSetting, caf_settings, set_caf
from records.operations.declarations import (
    NewDeclaration,
    declarations,
    declared_days,
    freeze_declaration,
)
from records.operations.family_file import open_family_file
from records.operations.filoue_consents import filoue_consents
from records.operations.state_values import state_values
from records.operations.yearly_tasks import NewTask, add_task, due_tasks, propose_tasks
from tests.factories.people import CHEAP
from tests.factories.town import place_ids
from tests.harness.caf_figures import publish_figures
from tests.ui.dashboards.conftest import Open
from tests.ui.dashboards.test_coverage_page import press
from tests.ui.dashboards.test_staff_pages import words
from tests.ui.town import PASSWORD, START, Town

HOURS = Figure("alsh_peri", 101, "hours", Decimal("1204.5000"), "hours")
AMOUNT = Figure("result", 205, "pso_periscolaire_amount", None, "euros", "accounts_missing 2026")
HELD = Control("held_back", "lea", "cantine", date(2026, 11, 23), 60)


def fill(app: AppTest, label: str, value: str) -> None:
    """Type into the first field of a label."""
    next(each for each in app.text_input if each.label == label).set_value(value)


def plain(app: AppTest) -> str:
    """Return what a page says, its no-break spaces as spaces."""
    return words(app).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("login", "page"),
    [
        ("cuisine", "declarations-caf"),
        ("cuisine", "comptes-structure"),
        ("cuisine", "comptages"),
        ("cuisine", "convention-caf"),
        ("coordination", "parametres-nationaux"),
    ],
)
def test_pages_of_the_caf_are_closed_to_others(open_pages: Open, login: str, page: str) -> None:
    assert [title.value for title in open_pages(login, page).title] == ["Cette page ne vous est pas ouverte"]


def test_accounts_are_added_and_corrected_on_the_page(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("finances", "comptes-structure", lieu="tilleuls")
    assert "Aucune charge en 2026" in words(app)
    fill(app, "Compte", "6411")
    fill(app, "Libellé", "Salaires")
    fill(app, "Montant (€)", "120 000,50")
    next(each for each in app.selectbox if each.label == "Activité").select("periscolaire")
    press(app, "Ajouter")
    (line,) = accounting_lines(staff_town.records, SETUP, "tilleuls", 2026)
    assert (line.account, line.amount_cents, line.activity) == ("6411", 12_000_050, "periscolaire")
    fill(app, "Nouveau montant (€)", "119 000")
    press(app, "Enregistrer la correction")
    (line,) = accounting_lines(staff_town.records, SETUP, "tilleuls", 2026)
    assert line.amount_cents == 11_900_000
    fill(app, "Compte", "512")
    fill(app, "Libellé", "Banque")
    fill(app, "Montant (€)", "1")
    press(app, "Ajouter")
    assert "n'est pas un compte" in words(app)


def test_counts_of_a_day_are_entered_then_corrected(open_pages: Open, staff_town: Town) -> None:
    app = open_pages("coordination", "comptages", lieu="tilleuls", service="laep")
    fill(app, "Séances", "2")
    fill(app, "Heures d'ouverture", "3,5")
    press(app, "Enregistrer la journée")
    fill(app, "Séances", "1")
    press(app, "Enregistrer la journée")
    day = date(2026, 11, 24)
    found = {each.indicator: each for each in counts_of(staff_town.records, SETUP, "tilleuls", day, day)}
    assert (found["laep_sessions"].quantity, found["laep_sessions"].corrections) == (Decimal(1), 1)
    assert found["laep_opening_hours"].quantity == Decimal("3.5")
    assert "Novembre 2026" in words(app)


def test_convention_is_entered_by_an_administrator_and_read_by_the_coordination(
    open_pages: Open, staff_town: Town
) -> None:
    grant = accounts.NewGrant("admin_school", START)
    new = accounts.NewAccount("administration", "Inès Faure", PASSWORD, (grant,))
    accounts.create_accounts(staff_town.records, SETUP, [new], CHEAP)
    app = open_pages("coordination", "convention-caf", lieu="tilleuls")
    assert "La convention n'est pas saisie" in words(app)
    assert "Demandez à l'administration" in words(app)
    assert not app.text_input
    app = open_pages("administration", "convention-caf", lieu="tilleuls")
    fill(app, "À partir du", "01/09/2026")
    fill(app, "Convention ou courrier", "Convention 2026-2029")
    press(app, "Enregistrer la version")
    assert "Donnez le nombre de places autorisées" in words(app)
    fill(app, "Places autorisées", "60")
    fill(app, "Heures du mercredi de référence", "1200,5")
    fill(app, "Part du régime général (%)", "98,5")
    next(each for each in app.checkbox if each.label == "Le lieu est dans un PEDT").check()
    press(app, "Enregistrer la version")
    (said,) = caf_settings(staff_town.records, SETUP, "tilleuls")
    assert said == NewCafSetting(
        "tilleuls", date(2026, 9, 1), "Convention 2026-2029", 60,
        has_pedt=True, reference_wednesday_minutes=72_030, general_regime_e4=9_850,
    )  # fmt: skip
    assert "60 places autorisées depuis le 01/09/2026" in words(app)


def test_declaration_is_frozen_on_the_page_and_its_files_are_offered(
    open_pages: Open, staff_town: Town, tmp_path: Path
) -> None:
    publish_figures(tmp_path / "home", ("tilleuls", 2026, "year"), [HOURS, AMOUNT], [HELD])
    propose_tasks(staff_town.records, SETUP, date(2020, 1, 1))
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls", version="actual")
    said = words(app)
    assert "1 point à vérifier et 1 ligne refusée" in said
    assert "Les comptes de 2026 ne sont pas saisis" in said
    assert "Déclarer à la CAF l'activité réelle de l'année passée" in said
    press(app, "Figer la déclaration")
    (frozen,) = declarations(staff_town.records, SETUP, "tilleuls", [2026])
    assert (frozen.about.version, frozen.figures) == ("actual", (HOURS, AMOUNT))
    said = words(app)
    assert frozen.sha256 in said
    assert "Aucun écart" in said
    offered = {button.proto.label for button in app.get("download_button")}
    assert offered >= {"Tableur", "CSV", "Page à recopier (PDF)"}


def test_what_was_just_frozen_is_the_one_shown(open_pages: Open, staff_town: Town, tmp_path: Path) -> None:
    publish_figures(tmp_path / "home", ("tilleuls", 2026, "year"), [HOURS])
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls", version="actual")
    press(app, "Figer la déclaration")
    next(each for each in app.selectbox if each.label == "Déclaration").select_index(0).run()
    press(app, "Figer la déclaration")
    assert declarations(staff_town.records, SETUP, "tilleuls", [2026])[1].sha256 in words(app)


def test_line_opens_to_its_children_and_one_of_them_to_what_was_noted(open_pages: Open, staff_town: Town) -> None:
    chosen = {"lieu": "tilleuls", "version": "actual", "ligne": "alsh_peri.hours"}
    app = open_pages("coordination", "declarations-caf", **chosen)
    assert "**8,00 h** : 2 enfants, 3 journées." in words(app)
    next(each for each in app.selectbox if each.label == "Enfant à ouvrir").select_index(1).run()
    days = next(table.value for table in app.table if "Noté par" in table.value)
    assert [Decimal(str(hours).replace(",", ".")) for hours in days["Heures"]] == [Decimal(2)] * 3
    assert all(" – " in ends for ends in days["De – à"])
    assert all(noted.startswith(("badge, ", "appel, ")) for noted in days["Noté par"])


def test_deadline_is_asked_for_on_the_page_until_it_is_noted_done(open_pages: Open, staff_town: Town) -> None:
    task = NewTask("caf-essai", "Envoyer le réel", 12, 1, "declare_caf", date(2020, 1, 1))
    add_task(staff_town.records, SETUP, task)
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls")
    assert "**À faire** au plus tard le mardi 1er décembre 2026 : Envoyer le réel." in plain(app)
    press(app, "Noter faite")
    assert "est notée faite" in plain(app)
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls")
    assert "**À faire**" not in plain(app)
    (table,) = (each.value for each in app.table if "Où elle en est" in each.value)
    assert list(table["Où elle en est"]) == ["faite"]


def test_deadline_is_noted_by_place_and_the_page_says_which_are_left(open_pages: Open, staff_town: Town) -> None:
    task = NewTask("caf-essai", "Envoyer le réel", 12, 1, "declare_caf", date(2020, 1, 1))
    add_task(staff_town.records, SETUP, task)
    for ref in ("tilleuls", "bourg"):
        convention = NewCafSetting(ref, date(2026, 1, 1), "Convention", authorised_places=20)
        set_caf(staff_town.records, SETUP, convention)
    names = [place.label for place in due_tasks(staff_town.records, SETUP)[0].places]
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls")
    assert f"Il reste : {', '.join(names)}." in plain(app)
    next(each for each in app.selectbox if each.label == "Lieu" and each.key is None).set_value("bourg")
    press(app, "Noter faite")
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls")
    assert [place.ref for place in due_tasks(staff_town.records, SETUP)[0].places] == ["tilleuls"]
    (table,) = (each.value for each in app.table if "Où elle en est" in each.value)
    assert str(table["Où elle en est"].iloc[0]).startswith("à faire, reste")


def test_frozen_line_opens_to_what_was_declared_and_to_the_day_that_moved_since(
    open_pages: Open, staff_town: Town, tmp_path: Path
) -> None:
    chosen = {"lieu": "tilleuls", "version": "actual", "ligne-figee": "alsh_peri.hours"}
    app = open_pages("coordination", "declarations-caf", **chosen)
    press(app, "Figer la déclaration")
    assert "Déclaré : **8,00 h**, 2 enfants, 3 journées. Aucune de ces journées n'a changé depuis." in plain(app)
    (frozen,) = declarations(staff_town.records, SETUP, "tilleuls", [2026])
    days = declared_days(staff_town.records, SETUP, frozen.about)
    assert sum(days_of(days, "alsh_peri.hours").values()) == 8 * 60
    day = next(each for each in days if "alsh_peri.hours" in each.keys)
    moved = replace(day, quantity=day.quantity + 60)
    kept = [moved if each == day else each for each in days]
    figures = tuple(
        replace(each, value=Decimal(9)) if each.key == "alsh_peri.hours" else each for each in frozen.figures
    )
    new = NewDeclaration("tilleuls", 2026, "actual", "autre", figures, (), tuple(kept))
    freeze_declaration(staff_town.records, SETUP, new)
    flu = Decision(day.child_ref, day.service_ref, "tilleuls", day.day, "absent_justified", "Grippe")
    decide(staff_town.records, SETUP, flu)
    app = open_pages("coordination", "declarations-caf", **chosen, figee="1", **{"enfant-fige": day.child_ref})
    assert "**1 journée** de 1 enfant fait un écart de **− 1,00 h**" in plain(app)
    table = next(each.value for each in app.table if "Déclaré (h)" in each.value and "Jour" in each.value)
    (row,) = [row for _, row in table.iterrows() if Decimal(str(row["Écart (h)"]).replace(",", "."))]
    assert row["Jour"] == f"{day.day:%d/%m/%Y}"
    noted = row["Noté depuis le gel"].replace("\\", "").replace(NBSP, " ")
    assert noted.startswith("absence justifiée (Grippe), le ")


def test_child_is_opened_at_the_places_of_whoever_reads_files_there(open_pages: Open, staff_town: Town) -> None:
    places = place_ids(staff_town.records)
    director = Actor("Direction", (Grant("daycare_director", places["bourg"]),))
    for actor, seen in (
        (director, ["bourg"]),
        (program("Chiffres", Right.SEE_CAF), []),
        (SETUP, ["bourg", "tilleuls"]),
    ):
        visit = Visit(actor, Site("Ville", "Europe/Paris", is_training=False), 0, START)
        assert [ref for ref in ("bourg", "tilleuls") if visit.may(Right.SEE_FAMILIES, ref)] == seen


def test_amount_opens_to_the_lines_it_is_made_of(open_pages: Open, staff_town: Town) -> None:
    chosen = {"lieu": "tilleuls", "version": "actual", "ligne": "result.pso_periscolaire_amount"}
    said = words(open_pages("coordination", "declarations-caf", **chosen))
    assert "Cette ligne vient de" in said
    assert "accounts" not in said


def test_line_of_a_place_opens_to_its_months_and_one_without_anything_says_where_to_enter_it(
    open_pages: Open, staff_town: Town
) -> None:
    chosen = {"lieu": "tilleuls", "version": "actual"}
    app = open_pages("coordination", "declarations-caf", **chosen, ligne="alsh_peri.opening_days")
    months = next(each.value for each in app.table if "Mois" in each.value)
    assert list(months["Mois"])[-1] == "Total"
    app = open_pages("coordination", "declarations-caf", **chosen, ligne="alsh_peri.authorised_places")
    assert "Rien n'est saisi pour cette ligne. Les places se saisissent dans « Convention CAF »" in plain(app)


def test_line_of_accounts_opens_to_what_was_entered_and_says_when_it_moved(
    open_pages: Open, staff_town: Town, tmp_path: Path
) -> None:
    charges = Figure("finance", 199, "charge_total", Decimal(100), "euros")
    publish_figures(tmp_path / "home", ("tilleuls", 2026, "year"), [charges])
    salaries = NewAccountingLine("tilleuls", 2026, "6411", "Salaires", 10_000)
    line = add_accounting_line(staff_town.records, SETUP, salaries)
    chosen = {"lieu": "tilleuls", "version": "actual", "ligne": "finance.charge_total"}
    app = open_pages("coordination", "declarations-caf", **chosen)
    assert "Salaires" in plain(app)
    assert "ont changé depuis le calcul" not in plain(app)
    correct_accounting_line(staff_town.records, SETUP, line, "Salaires", 12_000)
    assert "ont changé depuis le calcul" in plain(open_pages("coordination", "declarations-caf", **chosen))


def test_forecast_is_typed_from_the_year_before(open_pages: Open, staff_town: Town, tmp_path: Path) -> None:
    publish_figures(tmp_path / "home", ("tilleuls", 2026, "year"), [HOURS])
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls", exercice="2027", version="forecast")
    fill(app, "Accueil périscolaire, activité, Heures", "1300,25")
    press(app, "Figer la déclaration")
    (frozen,) = declarations(staff_town.records, SETUP, "tilleuls", [2027])
    assert [(each.value, each.basis) for each in frozen.figures] == [(Decimal("1300.25"), "typed")]


def test_answer_of_a_family_for_filoue_is_noted(open_pages: Open, staff_town: Town, tmp_path: Path) -> None:
    publish_figures(tmp_path / "home", ("tilleuls", 2026, "year"), [HOURS])
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls")
    fill(app, "Nom de la famille", "belkacem")
    app.run()
    press(app, "Enregistrer la réponse")
    family = next(each for each in app.selectbox if each.label == "Famille").value
    assert [each.is_agreed for each in filoue_consents(staff_town.records, SETUP, str(family))] == [True]


def test_fund_of_a_family_is_noted_with_the_group_that_the_state_gives_it_that_day(
    open_pages: Open, staff_town: Town, tmp_path: Path
) -> None:
    publish_figures(tmp_path / "home", ("tilleuls", 2026, "year"), [HOURS])
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls")
    fill(app, "Famille à chercher", "belkacem")
    app.run()
    family = str(next(each for each in app.selectbox if each.label == "Dossier").value)
    for day, code, group in (("01/03/2026", "sncf", "AUTRE"), ("01/09/2026", "sncf", "RG")):
        next(each for each in app.text_input if each.label == "À partir du").set_value(day)
        next(each for each in app.selectbox if each.label == "Caisse").select(code)
        press(app, "Enregistrer la caisse")
        last = open_family_file(staff_town.records, SETUP, family).regimes
        assert (code, group) in [(each.code, each.caf_group) for each in last]
    assert "SNCF" in words(app)
    next(each for each in app.selectbox if each.label == "Caisse").select("autre")
    press(app, "Enregistrer la caisse")
    assert "Donnez le nom de la caisse" in words(app)


def test_aeeh_of_a_child_is_noted_from_its_first_day(open_pages: Open, staff_town: Town, tmp_path: Path) -> None:
    publish_figures(tmp_path / "home", ("tilleuls", 2026, "year"), [HOURS])
    app = open_pages("coordination", "declarations-caf", lieu="tilleuls")
    fill(app, "Nom de l'enfant", "belkacem")
    app.run()
    child = str(next(each for each in app.selectbox if each.label == "Enfant").value)
    fill(app, "Premier jour", "01/09/2026")
    press(app, "Enregistrer le droit")
    assert aeeh_of(staff_town.records, SETUP, child) == [AeehLine(date(2026, 9, 1), is_open=True)]
    assert "Ouvre droit à l'AEEH" in words(app)


def test_figures_of_an_older_calculation_are_told_with_the_command(
    open_pages: Open, staff_town: Town, tmp_path: Path
) -> None:
    import duckdb

    from warehouse.snapshot import read_pointer

    with duckdb.connect(str(read_pointer(tmp_path / "home").path)) as connection:
        connection.execute("drop table if exists marts.fct_caf_declaration_figures")
    assert "marelle warehouse build" in words(open_pages("coordination", "declarations-caf"))


def test_national_value_is_entered_by_an_administrator(open_pages: Open, staff_town: Town) -> None:
    grant = accounts.NewGrant("admin_school", START)
    new = accounts.NewAccount("administration", "Inès Faure", PASSWORD, (grant,))
    accounts.create_accounts(staff_town.records, SETUP, [new], CHEAP)
    app = open_pages("administration", "parametres-nationaux", valeur="caf.eaje.monthly_income_floor")
    said = words(app)
    assert "Valeurs d'aujourd'hui" in said
    field = next(each for each in app.text_input if each.label.startswith("Nouvelle valeur"))
    field.set_value("821,13")
    fill(app, "Source", "Circulaire CNAF 2027")
    fill(app, "À partir du", "01/01/2027")
    press(app, "Enregistrer")
    entered = [each for each in state_values(staff_town.records, SETUP) if each.is_entered]
    assert [(each.value, each.source) for each in entered] == [(Decimal("821.13"), "Circulaire CNAF 2027")]
    assert "01/01/2027 (à venir)" in words(app).replace("\\", "")
