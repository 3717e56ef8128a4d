"""What a family reads: its own children, its own lines, and nobody else's."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.portal.browsing import Browser, links
from tests.ui.portal.conftest import SignIn
from tests.ui.town import INES_BADGE, LEA_BADGE, MONDAY, NOE_BADGE, Town
from warehouse.snapshot import folder

Read = Callable[[str], str]
CLAIRE, PAUL, NORA = "claire@exemple.test", "paul@exemple.test", "nora@exemple.test"
NORAS_HUSBAND = "samir@exemple.test"
EVENING, LATE = 16 * 60 + 45, 19 * 60


@pytest.fixture
def tuesday(town: Town, tmp_path: Path, compiled_models: Path) -> Town:
    """Monday and Tuesday noon with their badges: Léa both days, Noé on Monday, Inès on Tuesday."""
    folder(tmp_path).symlink_to(compiled_models)
    town.at(20 * 60, MONDAY)
    town.tap("tilleuls", LEA_BADGE, 706, MONDAY)
    town.tap("tilleuls", NOE_BADGE, 707, MONDAY)
    town.tap("tilleuls", LEA_BADGE, 995, MONDAY)
    town.tap("tilleuls", LEA_BADGE, 1051, MONDAY)
    town.at(EVENING)
    town.tap("tilleuls", LEA_BADGE, 705)
    town.tap("bourg", INES_BADGE, 710)
    return town


def line_hrefs(browser: Browser, path: str = "/lignes") -> list[str]:
    """Return the addresses of the reasons on a page."""
    return sorted(href for href in links(browser.get(path)) if href.startswith("/lignes/"))


def test_home_greets_shows_the_account_and_where_the_children_are(
    tuesday: Town, sign_in: SignIn, read: Read
) -> None:
    tuesday.tap("tilleuls", LEA_BADGE, 1000)
    sign_in(CLAIRE)
    page = read("/")
    assert "Bonjour Madame Fournier" in page
    assert "86,40 €" in page
    assert "Aujourd’hui, mardi 24 novembre" in page
    assert "Sur place depuis 16 h 40" in page
    assert "Arrivée 11 h 45" in page
    assert "Pas de passage noté" in page
    assert "CE1, École des Tilleuls" in page
    assert "BASE D’ENTRAÎNEMENT" in page


def test_home_of_another_family_names_only_its_own(tuesday: Town, sign_in: SignIn, read: Read) -> None:
    sign_in(NORA)
    page = read("/")
    assert "Inès" in page
    assert "Léa" not in page
    assert "Votre compte est à jour" in page


def test_tap_of_a_minute_ago_is_on_the_page(tuesday: Town, sign_in: SignIn, read: Read) -> None:
    sign_in(CLAIRE)
    assert "Sur place depuis" not in read("/")
    tuesday.tap("tilleuls", LEA_BADGE, EVENING - 1)
    assert "Sur place depuis 16 h 44" in read("/")
    assert "arrivée à 16 h 44, en cours" in read("/lignes")


def test_month_shows_services_times_prices_and_reasons(tuesday: Town, sign_in: SignIn, read: Read) -> None:
    tuesday.at(LATE)
    sign_in(CLAIRE)
    page = read("/lignes")
    assert "<h1>Novembre 2026</h1>" in page
    assert "Total estimé, non facturé" in page
    assert "16 h 35 – 17 h 31" in page
    assert "Garderie du soir, 2 demi-heures × 0,90 €" in page
    assert "Aujourd'hui, mardi 24" in page
    assert "Absence à confirmer" in page
    assert "Pourquoi ce prix ?" in page


def test_every_line_has_its_reason_page(tuesday: Town, portal: Browser, sign_in: SignIn, read: Read) -> None:
    sign_in(CLAIRE)
    hrefs = line_hrefs(portal)
    assert len(hrefs) > 10
    page = read(next(href for href in hrefs if "~garderie-soir~2026-11-23~" in href))
    assert "<h1>Pourquoi ce prix ?</h1>" in page
    assert "Garderie du soir : 1,80 €" in page
    assert "QF à partir de 600" in page
    assert "742 (CAF, depuis le 01/09/2026)" in page
    assert "Délibération 2026-41" in page
    assert "Arrivée à 16 h 35" in page
    assert "Départ à 17 h 31" in page


def test_separated_parents_each_read_the_days_they_pay(tuesday: Town, portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    hers = line_hrefs(portal)
    portal.cookies.clear()
    sign_in(PAUL)
    his = line_hrefs(portal)
    assert his
    assert not set(hers) & set(his)
    assert all(href.endswith("~payeur-claire") for href in hers)
    assert all(href.endswith("~payeur-paul") for href in his)
    assert any("lea~cantine~2026-11-23" in href for href in his)
    assert any("lea~cantine~2026-11-17" in href for href in hers)


@pytest.mark.parametrize("reader", [PAUL, NORA])
def test_line_of_another_payer_does_not_exist(tuesday: Town, portal: Browser, sign_in: SignIn, reader: str) -> None:
    sign_in(CLAIRE)
    hers = next(href for href in line_hrefs(portal) if "~garderie-soir~" in href)
    assert portal.get(hers).status_code == 200
    portal.cookies.clear()
    sign_in(reader)
    refused, invented = portal.get(hers), portal.get(hers.replace("lea", "personne"))
    assert refused.status_code == invented.status_code == 404
    assert refused.text == invented.text


def test_price_follows_the_payers_own_qf(tuesday: Town, sign_in: SignIn, read: Read, portal: Browser) -> None:
    sign_in(PAUL)
    assert re.search(r"Cantine, \d+ repas × 2,20 €", read("/lignes"))
    portal.cookies.clear()
    sign_in(CLAIRE)
    assert re.search(r"Cantine, \d+ repas × 2,80 €", read("/lignes"))


def test_unknown_qf_is_told_with_the_top_price(tuesday: Town, portal: Browser, sign_in: SignIn, read: Read) -> None:
    sign_in(NORA)
    page = read(next(href for href in line_hrefs(portal) if "~2026-11-24~" in href))
    assert "2,80 €" in page
    assert "pas encore connu : tarif maximal appliqué" in page


def test_months_can_be_walked_back_and_not_forward(tuesday: Town, portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    assert "/lignes?mois=2026-10" in links(portal.get("/lignes"))
    october = portal.get("/lignes?mois=2026-10")
    assert "<h1>Octobre 2026</h1>" in october.text
    assert {"/lignes?mois=2026-09", "/lignes?mois=2026-11"} <= links(october)


def test_month_before_the_first_enrolment_says_what_to_do(tuesday: Town, sign_in: SignIn, read: Read) -> None:
    sign_in(CLAIRE)
    page = read("/lignes?mois=2026-08")
    assert "Aucune prestation n’est notée pour ce mois." in page
    assert "Voir juillet 2026" in page


@pytest.mark.parametrize("month", ["2026-12", "2025-10", "2026-13", "novembre", "2026-11-01", "../.."])
def test_month_that_cannot_be_read_is_not_found(
    tuesday: Town, portal: Browser, sign_in: SignIn, month: str
) -> None:
    sign_in(CLAIRE)
    assert portal.get("/lignes", params={"mois": month}).status_code == 404


@pytest.mark.parametrize("key", ["x", "a~b~c~d~e", "lea~cantine~2026-11-99~meal~payeur-claire", "%2e%2e/", "lea"])
def test_key_that_is_no_line_is_not_found(tuesday: Town, portal: Browser, sign_in: SignIn, key: str) -> None:
    sign_in(CLAIRE)
    assert portal.get(f"/lignes/{key}").status_code == 404


def test_no_link_is_dead(tuesday: Town, portal: Browser, sign_in: SignIn) -> None:
    sign_in(CLAIRE)
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop()
        page = portal.get(path)
        assert page.status_code == 200, path
        assert '<html lang="fr">' in page.text
        assert page.text.count("<h1") == 1, path
        found = links(page)
        # One reason page is enough to walk; they are all drawn alike.
        reasons = sorted(href for href in found if href.startswith("/lignes/"))[:1]
        new = {href for href in found if not href.startswith("/lignes/")} | set(reasons)
        waiting += sorted(new - seen)
        seen |= new
    assert {"/contact", "/accessibilite", "/donnees-personnelles", "/mentions-legales", "/lignes"} <= seen


def test_guardian_who_pays_nothing_is_told_so(tuesday: Town, portal: Browser, sign_in: SignIn, read: Read) -> None:
    sign_in(NORAS_HUSBAND)
    assert "Vous n'êtes pas payeur" in read("/")
    page = read("/lignes")
    assert "Vous n’êtes payeur d’aucune prestation" in page
    assert not line_hrefs(portal)
    assert "Inès" in read("/")
