"""What is typed and read on the CAF's entry pages: exact numbers, sums, national values, lines before sending."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dashboards.viewmodels import caf_deadlines, caf_declarations, caf_entries, caf_settings, state_values
from domain.caf_declarations import Control, Figure
from domain.errors import InvalidData
from domain.french import NBSP
from domain.parameters import Parameter, national
from records.operations.accounting import AccountingLineSeen
from records.operations.anonymous_counts import CountSeen
from records.operations.caf_settings import NewCafSetting
from records.operations.state_values import StateValueSeen
from records.operations.task_places import TaskPlace
from records.operations.yearly_tasks import DueTask, NewTask, TaskMark

TODAY = date(2026, 11, 24)
HOURS = Figure("alsh_peri", 101, "hours", Decimal("1204.5000"), "hours")
AMOUNT = Figure("result", 205, "pso_periscolaire_amount", None, "euros", "accounts_missing 2026")


@pytest.mark.parametrize(
    ("text", "number"),
    [("1 200,50", "1200.50"), ("-12.5 €", "-12.5"), (f"12{NBSP}000", "12000"), ("\u22123", "-3")],
)
def test_number_is_read_as_the_french_write_it(text: str, number: str) -> None:
    assert caf_entries.typed_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["douze", "1,234", "--1", "1e3"])
def test_what_is_no_number_is_refused_and_shown(text: str) -> None:
    with pytest.raises(InvalidData, match="n'est pas un nombre"):
        caf_entries.typed_number(text)


def test_empty_fields_say_nothing_and_an_empty_form_is_refused() -> None:
    assert caf_entries.typed_counts({"laep_sessions": "2", "laep_children": " "}) == {"laep_sessions": Decimal(2)}
    with pytest.raises(InvalidData, match="au moins un nombre"):
        caf_entries.typed_counts({"laep_sessions": ""})
    with pytest.raises(InvalidData, match="Donnez le montant"):
        caf_entries.typed_euros("")


@pytest.mark.parametrize("cents", [0, 5, -1_250, 12_000_050])
def test_amount_is_typed_back_as_it_was(cents: int) -> None:
    assert caf_entries.typed_euros(caf_entries.euros_text(cents)) == cents


def test_day_is_typed_and_the_days_before_today_are_offered() -> None:
    assert caf_entries.typed_day(" 01/01/2027") == date(2027, 1, 1)
    with pytest.raises(InvalidData, match="n'est pas une date"):
        caf_entries.typed_day("demain")
    assert list(caf_entries.days_back(TODAY, 2).values()) == ["Mardi 24 novembre 2026", "Lundi 23 novembre 2026"]


def test_convention_is_typed_back_as_it_was_and_only_what_has_begun_holds() -> None:
    first = NewCafSetting("tilleuls", date(2027, 1, 1), "Convention 2027", 60, general_regime_e4=9_850)
    corrected = replace(first, authorised_places=62, reference_wednesday_minutes=72_030, has_pedt=True)
    texts = {name: caf_settings.typed_value(corrected, name) for name in caf_settings.TEXT_WORDS}
    assert (texts["reference_wednesday_minutes"], texts["general_regime_e4"]) == ("1200,5", "98,50")
    texts |= {"valid_from": "01/01/2027", "decision": " Convention 2027 "}
    choices: dict[str, str | bool] = {
        "funding": caf_settings.BY_SERVICE, "oversize_rounding": "floor",
        **{name: bool(getattr(corrected, name)) for name in caf_settings.YES_NO_WORDS},
    }  # fmt: skip
    assert caf_settings.typed_setting("tilleuls", texts, choices) == corrected
    with pytest.raises(InvalidData, match="nombre entier"):
        caf_settings.typed_setting("tilleuls", {**texts, "authorised_under_6": "12,5"}, choices)
    known = [first, corrected]
    assert caf_settings.held_setting(known, TODAY) is None
    assert "ne commence que le 01/01/2027" in caf_settings.headline(None, known)[1]
    assert caf_settings.held_setting(known, first.valid_from) is corrected
    assert [row[:3] for row in caf_settings.versions_table(known, TODAY).rows] == [
        ("01/01/2027 (à venir)", "Convention 2027", 62),
        ("01/01/2027 (à venir)", "Convention 2027", 60),
    ]


def test_months_are_added_up_and_what_is_said_anew_is_not() -> None:
    seen = [
        CountSeen(date(2026, 10, 1), "rpe_fte", Decimal("0.8"), 0, "Claire"),
        CountSeen(date(2026, 11, 3), "rpe_fte", Decimal(1), 0, "Claire"),
        CountSeen(date(2026, 11, 3), "rpe_contacts", Decimal(4), 0, "Claire"),
        CountSeen(date(2026, 11, 4), "rpe_contacts", Decimal(3), 1, "Claire"),
        CountSeen(date(2025, 11, 4), "rpe_contacts", Decimal(9), 0, "Claire"),
        CountSeen(date(2026, 10, 1), "rpe_families", Decimal(20), 0, "Claire"),
        CountSeen(date(2026, 11, 4), "rpe_families", Decimal(23), 0, "Claire"),
    ]
    table = caf_entries.months_table(seen, 2026)
    assert table.columns == (
        "Mois",
        "Équivalents temps plein",
        "Familles différentes reçues depuis janvier",
        "Contacts (tous canaux)",
    )
    assert table.rows[1] == ("Novembre 2026", Decimal(1), Decimal(23), Decimal(7))
    assert table.totals == ("Année", Decimal(1), Decimal(23), Decimal(7))
    short = caf_entries.counts_table(seen, TODAY)
    assert short.columns == ("Ce qui est compté", "Novembre 2026", "Année 2026")
    assert short.rows[1] == ("Familles différentes reçues depuis janvier", 23, 23)
    assert short.rows[2] == ("Contacts (tous canaux)", 7, 7)


def test_year_without_charges_asks_for_them() -> None:
    produit = AccountingLineSeen(1, "70641", "Participations", 100, "produit", "imported", None, "year")
    assert caf_entries.accounts_headline([produit], 2026, TODAY)[0]
    charge = replace(produit, account="6411", nature="charge")
    assert not caf_entries.accounts_headline([produit, charge], 2026, TODAY)[0]
    part = replace(charge, period="jan_sep")
    for today, is_asked in ((TODAY, False), (date(2027, 1, 5), True)):
        asked, said = caf_entries.accounts_headline([part, replace(part, period="jan_jun")], 2026, today)
        assert asked == is_asked
        assert "Les comptes de l'année 2026 ne sont pas saisis" in said
        assert "de janvier à juin et de janvier à septembre" in said


def test_accounts_shown_first_are_of_the_longest_period_that_has_some() -> None:
    june = AccountingLineSeen(1, "6411", "Salaires", 100, "charge", "entered", None, "jan_jun")
    assert caf_entries.first_period([]) == "year"
    assert caf_entries.first_period([june]) == "jan_jun"
    assert caf_entries.first_period([june, replace(june, period="jan_sep")]) == "jan_sep"
    assert caf_entries.first_period([june, replace(june, period="year")]) == "year"


def test_accounts_are_listed_by_account() -> None:
    charge = AccountingLineSeen(1, "6411", "Participations", 100, "charge", "imported", None, "year")
    assert caf_entries.accounts_table([charge]).rows == (
        ("6411", "Participations", "Charge", Decimal("1.00"), "Partagée entre les activités", "importée"),
    )


def seen_value(day: date, value: str, *, is_entered: bool = False, packaged: str | None = None) -> StateValueSeen:
    return StateValueSeen(
        "caf.psu.financing_rate", "Part financée", "%", day, Decimal(value), "Circulaire", is_entered,
        None if packaged is None else Decimal(packaged),
    )  # fmt: skip


def test_value_of_today_is_the_last_that_began_and_those_to_come_are_marked() -> None:
    seen = [seen_value(date(2020, 1, 1), "66"), seen_value(date(2027, 1, 1), "67.5", is_entered=True)]
    (row,) = state_values.current_table(seen, TODAY).rows
    assert row[1:4] == (f"66{NBSP}%", "01/01/2020", "Marelle")
    history = state_values.history_table(seen, "caf.psu.financing_rate", TODAY).rows
    assert history[0][:3] == ("01/01/2027 (à venir)", f"67,5{NBSP}%", "saisie ici")
    (sure,) = state_values.current_table([replace(seen[0], confidence="G")], TODAY).rows
    assert sure[3] == "Marelle, usage, à vérifier"


def test_value_that_nobody_gave_is_asked_for_and_one_that_differs_is_said_first() -> None:
    known, empty = (Parameter(name, name, "€", ()) for name in ("caf.psu.financing_rate", "caf.psu.price_low"))
    seen = [seen_value(date(2020, 1, 1), "66")]
    lacking = state_values.missing([known, empty], seen, TODAY)
    assert [each.id for each in lacking] == ["caf.psu.price_low"]
    assert "1 valeur nationale" in state_values.headline(lacking, seen)[1].replace(NBSP, " ")
    assert not state_values.headline([], seen)[0]
    differing = [seen_value(date(2020, 1, 1), "66", is_entered=True, packaged="65")]
    assert "autre chose" in state_values.headline(lacking, differing)[1]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("caf.psu.threshold_low", "caf.psu"), ("recettes.collection_threshold", "recettes"), ("caf.new.x", "caf.new")],
)
def test_value_belongs_to_a_family(name: str, kind: str) -> None:
    assert state_values.kind_of(name) == kind


def test_every_national_value_belongs_to_a_family_that_has_a_french_name() -> None:
    kinds = {state_values.kind_of(name) for name in national()}
    assert kinds == state_values.KIND_WORDS.keys()


def test_declaration_with_a_refused_line_or_a_control_is_not_ready() -> None:
    held = Control("held_back", "lea", "cantine", TODAY, 60)
    assert caf_declarations.headline([HOURS], []) == (False, "Rien à régler avant l'envoi.")
    must, said = caf_declarations.headline([HOURS, AMOUNT], [held])
    assert must
    assert "1 point à vérifier et 1 ligne refusée" in said.replace(NBSP, " ")
    assert caf_declarations.headline([], [])[0]


def test_case_of_a_control_is_told_by_references_or_by_the_names_that_are_given() -> None:
    held = Control("held_back", "lea", "cantine", TODAY, 90)
    (row,) = caf_declarations.cases_table([held]).rows
    assert row[1:] == ("24/11/2026", "lea", "cantine", f"1,50{NBSP}h")
    both = [held, replace(held, child_ref="noe", service_ref="soir")]
    named = caf_declarations.cases_table(both, {"lea": ("Moulin", "Léa")}, {"soir": "Garderie du soir"})
    assert [row[2:4] for row in named.rows] == [("MOULIN Léa", "cantine"), ("noe", "Garderie du soir")]


@pytest.mark.parametrize(
    ("code", "said"), [("above_capacity", "1 enfant"), ("team_unknown", "1 jour"), ("local_price", "1 journée")]
)
def test_case_of_a_control_is_counted_in_its_unit(code: str, said: str) -> None:
    (row,) = caf_declarations.cases_table([Control(code, quantity=1)]).rows
    assert row[4] == said.replace(" ", NBSP)


def test_control_says_how_many_cases_and_what_to_do_in_one_line() -> None:
    line, *others = caf_declarations.control_lines([Control("regime_missing")] * 2)
    assert others == []
    assert line.replace(NBSP, " ").startswith("**Régime inconnu** : 2 cas. Notez la caisse de la famille")


def test_lines_to_type_are_a_table_a_block_in_the_order_of_the_declaration() -> None:
    tables = caf_declarations.block_tables([AMOUNT, HOURS])
    assert list(tables) == ["Accueil périscolaire, activité", "Prestation calculée"]
    assert tables["Accueil périscolaire, activité"].rows == (("Heures", f"1{NBSP}204,50{NBSP}h"),)
    assert tables["Prestation calculée"].rows[0][1] == "–"


def test_each_reason_of_refusal_is_told_once_with_its_lines() -> None:
    price = replace(AMOUNT, code="pso_periscolaire_price_cap")
    (said,) = caf_declarations.refusals([HOURS, AMOUNT, price])
    assert said.startswith("Les comptes de 2026")
    assert said.replace(NBSP, " ").endswith("(2 lignes)")


def test_only_lines_that_a_person_changed_are_typed() -> None:
    texts = {"alsh_peri.hours": "1204,5", "result.pso_periscolaire_amount": " 1 000,25 "}
    assert caf_declarations.typed_text(HOURS) == "1204,5"
    assert caf_declarations.typed_figures([HOURS, AMOUNT], texts) == {
        "result.pso_periscolaire_amount": Decimal("1000.25")
    }
    with pytest.raises(InvalidData, match="beaucoup"):
        caf_declarations.typed_figures([HOURS], {"alsh_peri.hours": "beaucoup"})


def deadline(ref: str, month: int, right: str = "declare_caf") -> NewTask:
    """Return a task due on the tenth of a month, told fifteen days before."""
    return NewTask(ref, ref, month, 10, right, date(2020, 1, 1))


def test_deadlines_to_the_caf_are_told_from_the_next_one_with_where_they_stand() -> None:
    tasks = [deadline(ref, month) for ref, month in (("mars", 3), ("décembre", 12), ("octobre", 10), ("juin", 6))]
    tasks.append(deadline("purge", 11, "purge"))
    late = DueTask("octobre", "octobre", None, "declare_caf", date(2026, 10, 10), is_late=True)
    assert caf_deadlines.deadlines_table(tasks, [late], date(2026, 11, 25)).rows == (
        ("octobre", "10/10/2026", "en retard"),
        ("décembre", "10/12/2026", "faite"),
        ("mars", "10/03/2027", "rappel à partir du 23/02/2027"),
        ("juin", "10/06/2027", "rappel à partir du 26/05/2027"),
    )


def test_what_is_due_to_the_caf_is_told_late_first() -> None:
    soon = DueTask("décembre", "Le réel", None, "declare_caf", date(2026, 12, 10), is_late=False)
    late = DueTask("octobre", "L'actualisé", None, "declare_caf", date(2026, 10, 10), is_late=True)
    first, second = (said.replace("\u00a0", " ") for said in caf_deadlines.due_words([soon, late]))
    assert first == "**En retard** : L'actualisé. C'était à faire au plus tard le samedi 10 octobre 2026."
    assert second == "**À faire** au plus tard le jeudi 10 décembre 2026 : Le réel."


def test_deadline_that_each_place_does_says_which_are_left_and_what_noting_one_leaves() -> None:
    places = (TaskPlace(1, "halte", "La halte"), TaskPlace(2, "centre", "Le centre"))
    due = DueTask("décembre", "Le réel", None, "declare_caf", date(2026, 12, 10), is_late=False, places=places)
    (said,) = caf_deadlines.due_words([due])
    assert said.replace("\u00a0", " ").endswith("Le réel. Il reste : La halte, Le centre.")
    table = caf_deadlines.deadlines_table([deadline("décembre", 12)], [due], date(2026, 11, 25))
    assert table.rows[0][2] == "à faire, reste : La halte, Le centre"
    words = caf_deadlines.place_words(due, "centre")
    assert list(words.items()) == [("centre", "Le centre"), ("halte", "La halte"), ("", "Tous ces lieux")]
    assert caf_deadlines.place_words(replace(due, places=places[:1])) == {"halte": "La halte"}
    assert caf_deadlines.marks(due, "centre") == [TaskMark("décembre", structure_ref="centre")]
    assert [mark.structure_ref for mark in caf_deadlines.marks(due, "")] == ["halte", "centre"]
    assert caf_deadlines.marks(replace(due, places=()), "") == [TaskMark("décembre")]
    assert "lieu par lieu" in caf_deadlines.what_stops(due)
    noted = caf_deadlines.noted(due, "halte").replace("\u00a0", " ")
    assert noted == "« Le réel » est notée faite pour La halte. Il reste : Le centre."
    last = replace(due, places=places[:1])
    assert "Tous vos lieux l'ont faite" in caf_deadlines.noted(last, "halte")


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("an", "6", "6 ans"),
        ("euro", "1.99", "1,99 euro"),
        ("enfant par animateur", "14", "14 enfants par animateur"),
        ("assistant maternel", "70", "70 assistants maternels"),
        ("pour cent", "66", "66 pour cent"),
        ("1 : RG ; 2 : MSA", "2", "MSA"),
    ],
)
def test_a_national_value_is_told_with_its_unit_as_people_count(unit: str, value: str, words: str) -> None:
    seen = StateValueSeen("caf.essai", "Essai", unit, TODAY, Decimal(value), "Essai", False, None)
    assert state_values.value_words(seen).replace(NBSP, " ") == words
