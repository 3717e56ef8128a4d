"""What elected officials see on their page."""

from datetime import date

from dashboards.viewmodels import officials as view
from domain.commune_figures import CommuneCount, told
from domain.french import NBSP

MONTH = date(2026, 11, 1)


def count(commune: str, children: int, service: str = "Cantine") -> CommuneCount:
    ref = service.lower()
    return CommuneCount(commune, ref, service, MONTH, children, children * 10, children * 10, children * 9)


SHOWN = told(
    [
        count("Orme", 20),
        count("Orme", 20, ""),
        count("", 7),
        count("", 7, ""),
        count("Hameau", 2),
        count("Hameau", 2, ""),
    ]
)


def test_small_commune_is_hidden_with_the_one_that_would_tell_it() -> None:
    table = view.commune_table(SHOWN)
    assert table.rows == (
        ("Hameau", "masqué", "masqué", "masqué"),
        ("Orme", "20", "200", f"90{NBSP}%"),
        ("Commune inconnue", "masqué", "masqué", "masqué"),
    )
    assert table.totals == ("Toutes communes", "–", "290", f"90{NBSP}%")
    assert view.bars(SHOWN) == [("Orme", 200)]


def test_metrics_tell_how_much_is_hidden_and_what_last_year_was() -> None:
    shown = {
        label: (value, reference.replace(NBSP, " ")) for label, value, reference in view.figures(SHOWN, told([]))
    }
    assert shown["Venues"] == ("290", "l'an dernier : inconnu")
    assert shown["Groupes masqués"] == ("2", "moins de 5 enfants")


def test_headline_names_the_commune_that_comes_most_or_says_why_none_is() -> None:
    assert view.headline(SHOWN).replace(NBSP, " ") == "Orme : 20 enfants accueillis, 200 venues, le plus du mois."
    assert view.headline(told([count("Orme", 2), count("Orme", 2, "")])).startswith("Trop peu d'enfants")


def test_services_are_told_apart_and_nothing_hidden_reaches_a_table() -> None:
    assert view.by_service_table(SHOWN).rows == (("Cantine", "290", f"90{NBSP}%"),)
    lines = {line[0]: line[2:] for line in view.service_table(SHOWN).rows}
    assert lines["Hameau"] == ("masqué", "masqué", "masqué")
