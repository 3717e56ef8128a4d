"""What CAF declarations rest on: conventions, accounts, counts, consents; declarations frozen with their hash."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.caf_days import DeclaredDay, packed
from domain.caf_declarations import ACTUAL, FORECAST, TYPED, Control, Figure, differences
from domain.errors import Conflict, InvalidData, NotAllowed, NotFound, ParameterMissing
from records.actors import SETUP, Actor, Grant, Right
from records.database import Records
from records.models import Family, Structure
from records.operations.accounting import (
    NewAccountingLine,
    accounting_lines,
    add_accounting_line,
    correct_accounting_line,
    import_accounting,
)
from records.operations.anonymous_counts import counts_of, record_counts
from records.operations.caf_settings import (
    NewCafSetting,
    caf_setting_on,
    caf_settings,
    changed_setting,
    set_caf,
)
from records.operations.declarations import (
    NewDeclaration,
    declaration_frozen,
    declarations,
    declared_days,
    declared_names,
    freeze_declaration,
)
from records.operations.filoue_consents import (
    families_that_agree,
    filoue_consents,
    import_filoue_consents,
    record_filoue_consent,
)
from records.operations.lookup import by_ref
from records.operations.merges import merge_families
from records.triggers import create_triggers, drop_triggers
from tests.factories.people import a_family
from tests.factories.town import OTHER_SCHOOL, SCHOOL, START, TODAY, place_ids

CONVENTION = NewCafSetting(SCHOOL, START, "Convention 2026-2029", authorised_places=20)
SALARIES = NewAccountingLine(SCHOOL, 2026, "6411", "Salaires", 12_000_050)
HOURS = Figure("alsh_peri", 1, "peri_hours", Decimal("1204.50"), "hours")
PRICE = Figure("result", 1, "pso_amount", None, "euros", "caf.pso.price_cap n'a pas de valeur au 01/01/2026")
HELD = Control("held_back", "lea", "cantine", TODAY, 60)
NEW = NewDeclaration(SCHOOL, 2026, ACTUAL, "chiffres-1", (HOURS, PRICE), (HELD,))


def elsewhere(town: Records) -> Actor:
    """Return a director of another place."""
    return Actor("Ailleurs", (Grant("leisure_director", place_ids(town)[OTHER_SCHOOL]),))


def accounts_file(folder: Path, *lines: str, header: str = "structure;annee;compte;libelle;montant") -> Path:
    """Write a file of accounts."""
    path = folder / "comptes.csv"
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    return path


def test_convention_holds_from_its_day_and_the_past_stays(town: Records) -> None:
    set_caf(town, SETUP, CONVENTION)
    set_caf(town, SETUP, replace(CONVENTION, valid_from=date(2027, 1, 1), authorised_places=24))
    with town.read() as session:
        place = by_ref(session, Structure, SCHOOL)
        assert caf_setting_on(session, place, TODAY).authorised_places == 20
        assert caf_setting_on(session, place, date(2027, 1, 1)).authorised_places == 24
        with pytest.raises(ParameterMissing, match="01/01/2020"):
            caf_setting_on(session, place, date(2020, 1, 1))
    assert [each.authorised_places for each in caf_settings(town, SETUP, SCHOOL)] == [20, 24]


def test_convention_empties_what_may_be_empty_and_nothing_else() -> None:
    head = (SCHOOL, date(2027, 1, 1), "Avenant", None)
    known = [replace(CONVENTION, walking_from_months=18)]
    assert changed_setting(known, head, {"walking_from_months": ""}).walking_from_months is None
    with pytest.raises(InvalidData, match="has_pedt a toujours une valeur"):
        changed_setting(known, head, {"has_pedt": ""})


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": " "},
        {"authorised_places": -1},
        {"funding": "crèche"},
        {"general_regime_e4": 10_001},
        {"walking_from_months": 72},
        {"caf_office_code": "79"},
        {"caf_file_number": "2019;123"},
        {"oversize_rounding": "up"},
        {"reference_wednesday_minutes": -1},
    ],
)
def test_convention_that_says_something_impossible_is_refused(town: Records, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidData, match="Rien n'a été enregistré"):
        set_caf(town, SETUP, replace(CONVENTION, **wrong))  # type: ignore[arg-type]


def test_accounts_are_entered_corrected_once_and_taken_back(town: Records) -> None:
    first = add_accounting_line(town, SETUP, SALARIES)
    second = correct_accounting_line(town, SETUP, first, "Salaires et primes", 12_500_000)
    (line,) = accounting_lines(town, SETUP, SCHOOL, 2026)
    assert (line.id, line.label, line.amount_cents, line.nature) == (
        second, "Salaires et primes", 12_500_000, "charge",
    )  # fmt: skip
    with pytest.raises(InvalidData, match="déjà été corrigée"):
        correct_accounting_line(town, SETUP, first, "Salaires", 1)
    correct_accounting_line(town, SETUP, second, "Salaires et primes", 0)
    assert accounting_lines(town, SETUP, SCHOOL, 2026) == []


def test_accounts_belong_to_whoever_runs_the_place(town: Records) -> None:
    line = add_accounting_line(town, SETUP, SALARIES)
    with pytest.raises(NotAllowed):
        correct_accounting_line(town, elsewhere(town), line, "Salaires", 1)
    with pytest.raises(NotFound):
        correct_accounting_line(town, SETUP, 999_999, "Salaires", 1)


def test_account_outside_the_chart_is_refused(town: Records) -> None:
    for account in ("512", "69", "88", "6A"):
        with pytest.raises(InvalidData, match="n'est pas un compte"):
            add_accounting_line(town, SETUP, replace(SALARIES, account=account))


def test_same_file_of_accounts_may_come_twice_and_a_new_amount_replaces(town: Records, tmp_path: Path) -> None:
    lines = (f"{SCHOOL};2026;6411;Salaires;120 000,50", f"{SCHOOL};2026;70641;Participations;-1.25")
    done = import_accounting(town, SETUP, accounts_file(tmp_path, *lines))
    assert (done.added, done.replaced, done.unchanged, done.faults) == (2, 0, 0, ())
    again = import_accounting(town, SETUP, accounts_file(tmp_path, lines[0].replace("120", "121"), lines[1]))
    assert (again.added, again.replaced, again.unchanged) == (0, 1, 1)
    found = [(each.account, each.amount_cents, each.nature) for each in accounting_lines(town, SETUP, SCHOOL, 2026)]
    assert found == [("6411", 12_100_050, "charge"), ("70641", -125, "produit")]


def test_accounts_say_of_which_activity_and_months_they_are(town: Records, tmp_path: Path) -> None:
    header = "structure;annee;compte;libelle;montant;activite;periode"
    rows = [
        f"{SCHOOL};2026;6411;Salaires;12;{said}" for said in ("Périscolaire;", ";janvier à septembre", "youth;year")
    ]
    file = accounts_file(tmp_path, *rows, header=header)
    assert import_accounting(town, SETUP, file).added == 3
    assert import_accounting(town, SETUP, file).unchanged == 3
    lines = accounting_lines(town, SETUP, SCHOOL, 2026)
    assert [(each.activity, each.period) for each in lines] == [
        ("periscolaire", "year"),
        (None, "jan_sep"),
        ("youth", "year"),
    ]
    correct_accounting_line(town, SETUP, lines[1].id, "Salaires", 13)
    assert ("jan_sep", 13) in [
        (each.period, each.amount_cents) for each in accounting_lines(town, SETUP, SCHOOL, 2026)
    ]
    wrong = accounts_file(tmp_path, f"{SCHOOL};2026;60;Achats;1;piscine;", header=header)
    (fault,) = import_accounting(town, SETUP, wrong).faults
    assert "extrascolaire" in fault.message


def test_file_with_a_fault_is_refused_whole_and_each_fault_has_its_line(town: Records, tmp_path: Path) -> None:
    file = accounts_file(
        tmp_path,
        f"{SCHOOL},2026,6411,Salaires,12.50",
        f"{SCHOOL},2026,512,Banque,1",
        "nulle-part,2026,60,Achats,1",
        f"{SCHOOL},an,60,Achats,1",
        f"{SCHOOL},2026,6411,Salaires,13",
        f"{SCHOOL},2026,60,Achats,douze",
        header="structure,annee,compte,libelle,montant",
    )
    faults = import_accounting(town, SETUP, file).faults
    assert [(each.line, each.column, each.code) for each in faults] == [
        (3, "compte", "bad_line"),
        (4, "structure", "unknown"),
        (5, "annee", "bad_number"),
        (6, "libelle", "duplicate"),
        (7, "montant", "bad_amount"),
    ]
    assert accounting_lines(town, SETUP, SCHOOL, 2026) == []


def test_file_for_another_place_or_without_its_columns_is_refused(town: Records, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        import_accounting(town, elsewhere(town), accounts_file(tmp_path, f"{SCHOOL};2026;60;Achats;1"))
    (fault,) = import_accounting(town, SETUP, accounts_file(tmp_path, header="structure;montant")).faults
    assert "annee, compte, libelle" in fault.message


def test_count_recorded_again_is_a_correction_and_the_last_stands(town: Records) -> None:
    counts = {"laep_sessions": Decimal(1), "laep_opening_hours": Decimal("3.5")}
    assert record_counts(town, SETUP, SCHOOL, TODAY, counts) == 2
    assert record_counts(town, SETUP, SCHOOL, TODAY, {**counts, "laep_sessions": Decimal(2)}) == 1
    found = counts_of(town, SETUP, SCHOOL, START, TODAY)
    assert [(each.indicator, each.quantity, each.corrections) for each in found] == [
        ("laep_sessions", Decimal(2), 1),
        ("laep_opening_hours", Decimal("3.5"), 0),
    ]


@pytest.mark.parametrize(
    ("indicator", "quantity"),
    [
        ("laep_sessions", "1.5"),
        ("laep_sessions", "-1"),
        ("laep_names", "1"),
        ("rpe_fte", "0.333"),
        ("rpe_fte", "NaN"),
    ],
)
def test_count_that_cannot_be_is_refused(town: Records, indicator: str, quantity: str) -> None:
    with pytest.raises(InvalidData):
        record_counts(town, SETUP, SCHOOL, TODAY, {indicator: Decimal(quantity)})


def test_day_to_come_is_not_counted(town: Records) -> None:
    with pytest.raises(InvalidData, match="n'est pas encore passé"):
        record_counts(town, SETUP, SCHOOL, TODAY + timedelta(days=1), {"laep_sessions": Decimal(1)})


def test_family_that_said_nothing_does_not_agree_and_its_last_answer_stands(town: Records) -> None:
    yes, silent = a_family(town), a_family(town, "Furnier")
    assert record_filoue_consent(town, SETUP, yes.ref, START, True)
    assert not record_filoue_consent(town, SETUP, yes.ref, START, True)
    record_filoue_consent(town, SETUP, yes.ref, TODAY, False)
    with town.read() as session:
        ids = [by_ref(session, Family, each.ref).id for each in (yes, silent)]
        assert families_that_agree(session, ids, START) == {ids[0]}
        assert families_that_agree(session, ids, TODAY) == set()
    assert [each.is_agreed for each in filoue_consents(town, SETUP, yes.ref)] == [False, True]


def test_answer_of_a_merged_file_is_that_of_the_kept_one(town: Records) -> None:
    kept, merged = a_family(town), a_family(town, "Furnier")
    record_filoue_consent(town, SETUP, merged.ref, START, True)
    merge_families(town, SETUP, kept.ref, merged.ref, "doublon")
    with town.read() as session:
        kept_id = by_ref(session, Family, kept.ref).id
        assert families_that_agree(session, [kept_id], TODAY) == {kept_id}


def test_answers_are_imported_all_or_none(town: Records, tmp_path: Path) -> None:
    family, file = a_family(town), tmp_path / "accords.csv"
    file.write_text(f"dossier;date;accord\n{family.ref};01/09/2026;oui\ninconnu;2026-09-01;peut-être\nF;;oui\n")
    found = import_filoue_consents(town, SETUP, file)
    assert [(each.line, each.column) for each in found.faults] == [(3, "accord"), (4, "date")]
    assert filoue_consents(town, SETUP, family.ref) == []
    file.write_text(f"dossier;date;accord\n{family.ref};01/09/2026;oui\n")
    assert import_filoue_consents(town, SETUP, file).added == 1
    assert import_filoue_consents(town, SETUP, file).unchanged == 1


def test_declaration_is_frozen_as_it_was_and_a_second_export_is_another_number(town: Records) -> None:
    first = freeze_declaration(town, SETUP, NEW)
    corrected = replace(HOURS, value=Decimal("1210.00"))
    second = freeze_declaration(town, SETUP, replace(NEW, figures=(PRICE, corrected), snapshot_id="chiffres-2"))
    assert [each.about.number for each in (first, second)] == [1, 2]
    assert first.sha256 != second.sha256
    kept = declarations(town, SETUP, SCHOOL, [2026])
    assert kept == [first, second]
    assert (kept[0].figures, kept[0].controls) == ((HOURS, PRICE), (HELD,))
    (change,) = differences(kept[0].figures, kept[1].figures)
    assert (change.code, change.before, change.change) == ("peri_hours", Decimal("1204.50"), Decimal("5.50"))
    assert declaration_frozen(town, SETUP, SCHOOL, ACTUAL, 2026) == second


def test_days_are_kept_with_a_declaration_and_a_forecast_keeps_none(town: Records) -> None:
    day = DeclaredDay("lea", "soir", date(2026, 11, 23), Decimal(120), ("alsh_peri.hours",))
    frozen = freeze_declaration(town, SETUP, replace(NEW, days=(day,)))
    without = freeze_declaration(town, SETUP, NEW)
    assert frozen.sha256 != without.sha256
    assert declared_days(town, SETUP, frozen.about) == (day,)
    assert declared_days(town, SETUP, without.about) == ()
    forecast = freeze_declaration(town, SETUP, replace(NEW, version=FORECAST))
    assert [each.keeps_days for each in declarations(town, SETUP, SCHOOL, [2026])] == [True, True, False]
    with pytest.raises(NotFound, match="gardées"):
        declared_days(town, SETUP, forecast.about)
    counter = Actor("Chiffres", rights=frozenset({Right.SEE_CAF}))
    with pytest.raises(NotAllowed):
        declared_days(town, counter, frozen.about)


def test_children_of_a_frozen_declaration_keep_their_name_for_who_may_read_files_there(town: Records) -> None:
    family = a_family(town)
    days = tuple(
        DeclaredDay(ref, "soir", date(2026, 11, 23), Decimal(60), ("alsh_peri.hours",))
        for ref in (family.child, "x")
    )
    about = freeze_declaration(town, SETUP, replace(NEW, days=days)).about
    assert declared_names(town, SETUP, about) == {family.child: ("Fournier", "Léa")}
    for refused in (elsewhere(town), Actor("Chiffres", rights=frozenset({Right.SEE_CAF}))):
        with pytest.raises(NotAllowed):
            declared_names(town, refused, about)


def test_days_that_were_touched_are_refused_and_so_is_their_hash(town: Records) -> None:
    day = DeclaredDay("lea", "soir", date(2026, 11, 23), Decimal(120), ("alsh_peri.hours",))
    frozen = freeze_declaration(town, SETUP, replace(NEW, days=(day,)))
    other, other_sha256 = packed([replace(day, quantity=Decimal(60))])
    with town.engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(text("update declaration set days = :days"), {"days": other})
    with pytest.raises(Conflict, match="journées"):
        declared_days(town, SETUP, frozen.about)
    with town.engine.begin() as connection:
        connection.execute(text("update declaration set days_sha256 = :sha256"), {"sha256": other_sha256})
        create_triggers(connection)
    with pytest.raises(Conflict, match="empreinte"):
        declarations(town, SETUP, SCHOOL, [2026])


def test_order_of_the_figures_changes_neither_the_text_nor_the_hash(town: Records) -> None:
    one = freeze_declaration(town, SETUP, NEW)
    again = freeze_declaration(town, SETUP, replace(NEW, figures=(PRICE, HOURS)))
    assert one.figures == again.figures


def test_only_a_forecast_takes_typed_figures_and_an_empty_one_is_refused(town: Records) -> None:
    typed = replace(NEW, figures=(replace(HOURS, basis=TYPED),))
    with pytest.raises(InvalidData, match="prévisionnel"):
        freeze_declaration(town, SETUP, typed)
    assert freeze_declaration(town, SETUP, replace(typed, version=FORECAST)).about.number == 1
    for wrong in (replace(NEW, figures=()), replace(NEW, version="final")):
        with pytest.raises(InvalidData):
            freeze_declaration(town, SETUP, wrong)
    with pytest.raises(NotFound, match="actualisé"):
        declaration_frozen(town, SETUP, SCHOOL, "updated_june", 2026)


def test_figures_changed_behind_our_back_are_seen_by_the_hash(town: Records) -> None:
    freeze_declaration(town, SETUP, NEW)
    with town.engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(text("update declaration set figures = '[ ]'"))
        create_triggers(connection)
    with pytest.raises(Conflict, match="empreinte"):
        declarations(town, SETUP, SCHOOL, [2026])
