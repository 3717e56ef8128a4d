"""The family file: created once, whole, and never with a fact overwritten."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from domain.errors import InvalidData, NotFound, ParameterMissing
from records.actors import SETUP
from records.database import Records
from records.models import AuditEntry, CustodyCalendar, Diet, Family, FamilyMember, Payer, Person, Qf, Regime
from records.operations.families import (
    NewCustodyCalendar,
    NewMember,
    NewPayer,
    NewPerson,
    NewQf,
    NewRegime,
    add_custody_calendar,
    add_qf,
    add_regime,
    create_families,
    create_family,
)
from tests.factories.people import a_family, new_custody, new_family
from tests.factories.town import START, TODAY

TOM = NewPerson("tom", "Tom", "Fournier", birth_date=date(2019, 5, 4))


def qfs(records: Records) -> list[tuple[date, int, str, int | None]]:
    """Return effective day, value, source and what it replaces, in the order of recording."""
    with records.read() as session:
        rows = session.scalars(select(Qf).order_by(Qf.id))
        return [(row.effective_from, row.value_e2, row.source, row.replaces_id) for row in rows]


def test_family_is_written_whole(town: Records) -> None:
    family = a_family(town, children=("Léa", "Noé"), guardians=2, qf_e2=64_000, diet="sans_porc")
    with town.read() as session:
        roles = session.execute(
            select(FamilyMember.role, func.count()).group_by(FamilyMember.role).order_by(FamilyMember.role)
        )
        assert [tuple(row) for row in roles] == [("child", 2), ("guardian", 2)]
        assert session.scalars(select(Payer.ref).order_by(Payer.ref)).all() == list(family.payers)
        assert session.scalars(select(Diet.code)).all() == ["sans_porc", "sans_porc"]
        assert session.scalars(select(Regime.caf_group)).all() == ["RG"]
        assert session.scalar(select(Person.search_key).where(Person.ref == family.child)) == "FOURNIER LEA"


def test_family_without_a_qf_gets_9999_until_it_is_known(town: Records) -> None:
    a_family(town)
    assert qfs(town) == [(START, 999_900, "default", None)]


def test_new_qf_is_added_and_the_earlier_ones_stay(town: Records) -> None:
    family = a_family(town)
    add_qf(town, SETUP, family.ref, NewQf(34_900, "caf", date(2026, 10, 1)))
    assert qfs(town) == [(START, 999_900, "default", None), (date(2026, 10, 1), 34_900, "caf", None)]


def test_qf_of_the_same_day_points_at_the_one_it_corrects(town: Records) -> None:
    family = a_family(town, guardians=2, qf_e2=34_900)
    first = add_qf(town, SETUP, family.ref, NewQf(35_900, "caf", date(2026, 10, 1)))
    add_qf(town, SETUP, family.ref, NewQf(20_000, "msa", date(2026, 10, 1), family.payers[0]))
    second = add_qf(town, SETUP, family.ref, NewQf(36_900, "caf", date(2026, 10, 1)))
    assert [row[3] for row in qfs(town)] == [None, None, None, first]
    add_qf(town, SETUP, family.ref, NewQf(37_900, "caf", date(2026, 10, 1)))
    assert qfs(town)[-1][3] == second


@pytest.mark.parametrize(
    ("qf", "said"),
    [
        (NewQf(34_900, "caf", None), "date d'effet"),
        (NewQf(34_900, "voyante", START), "Origine du QF inconnue"),
        (NewQf(-1, "caf", START), "négatif"),
        (NewQf(None, "caf", START), "9999"),
        (NewQf(999_900, "caf", START), "9999"),
        (NewQf(34_900, "default", START), "9999"),
        (NewQf(34_900, "caf", START, "autre-payeur"), "n'appartient pas à ce dossier"),
    ],
)
def test_qf_that_cannot_be_is_refused_in_words(town: Records, qf: NewQf, said: str) -> None:
    family = a_family(town)
    a_family(town, "Autre", children=("Zoé",))
    refused = replace(qf, payer_ref="autre-adulte-1-payeur") if qf.payer_ref else qf
    with pytest.raises(InvalidData, match=said):
        add_qf(town, SETUP, family.ref, refused)
    assert len(qfs(town)) == 2


def test_qf_of_an_unknown_family_is_refused_by_name(town: Records) -> None:
    with pytest.raises(NotFound, match=r"dossier famille inconnue.*personne"):
        add_qf(town, SETUP, "personne", NewQf(34_900, "caf", START))


def test_regime_is_added_from_a_day_on(town: Records) -> None:
    family = a_family(town)
    add_regime(town, SETUP, family.ref, NewRegime("agricole", "MSA", TODAY, "123"))
    with town.read() as session:
        rows = session.execute(select(Regime.effective_from, Regime.caf_group).order_by(Regime.id))
        assert [tuple(row) for row in rows] == [(START, "RG"), (TODAY, "MSA")]


def test_fund_without_a_group_has_the_one_that_the_state_gives_it_on_its_first_day(town: Records) -> None:
    family = a_family(town)
    for day in (date(2026, 4, 27), date(2026, 4, 28)):
        add_regime(town, SETUP, family.ref, NewRegime("sncf", None, day))
    with town.read() as session:
        rows = session.execute(select(Regime.effective_from, Regime.caf_group).where(Regime.code == "sncf"))
        assert {tuple(row) for row in rows} == {(date(2026, 4, 27), "AUTRE"), (date(2026, 4, 28), "RG")}
    with pytest.raises(ParameterMissing, match=r"caf\.regimes\.inconnue"):
        add_regime(town, SETUP, family.ref, NewRegime("inconnue", None, TODAY))


def test_second_file_for_the_same_child_is_refused_whatever_the_spelling(town: Records) -> None:
    a_family(town, children=("Léa-Rose",))
    again = NewMember(NewPerson("bis", "lea rose", "FOURNIER", birth_date=date(2020, 3, 2)), "child")
    with pytest.raises(InvalidData, match=r"a déjà une fiche.*fournier-lea-rose"):
        create_family(town, SETUP, replace(new_family("Bis", children=()), members=(again,)))


def test_duplicate_inside_one_list_is_seen_too(town: Records) -> None:
    one = new_family("Petit", children=("Léa",))
    member = NewMember(NewPerson("petit-bis", "LÉA", "petit", birth_date=date(2020, 3, 2)), "child")
    other = replace(
        one, ref="bis", members=(member,), payers=(NewPayer("bis-payeur", body_name="Département"),), qfs=()
    )
    with pytest.raises(InvalidData, match="a déjà une fiche"):
        create_families(town, SETUP, [one, other])


def test_child_of_two_homes_has_one_file_and_two_families(town: Records) -> None:
    family = a_family(town)
    mother = NewPerson("mere", "Anne", "Martin")
    second = replace(
        new_family("Martin", children=()),
        members=(NewMember(mother, "guardian"), NewMember(family.child, "child")),
        payers=(NewPayer("mere-payeur", person_ref="mere"),),
    )
    create_family(town, SETUP, second)
    with town.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 3
        child = session.scalars(select(Person).where(Person.ref == family.child)).one()
        member = select(FamilyMember.family_id).where(FamilyMember.person_id == child.id)
        assert len(session.scalars(member).all()) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"payers": ()}, "au moins un payeur"),
        ({"payers": (NewPayer("p"),)}, "soit une personne, soit un organisme"),
        ({"payers": (NewPayer("p", "tom", "Département"),)}, "soit une personne, soit un organisme"),
        ({"members": (NewMember(replace(TOM, birth_date=None), "child"),)}, "Date de naissance manquante"),
        (
            {"members": tuple(NewMember(NewPerson(f"g{n}", "A", "B"), "guardian") for n in range(3))},
            "deux représentants légaux au plus",
        ),
        ({"members": (NewMember(TOM, "guardian", pickup="forbidden"),)}, "interdit de sortie"),
        ({"members": (NewMember(TOM, "cousin"),)}, "Rien n'a été enregistré"),
        ({"qfs": (NewQf(1, "caf", None),)}, "date d'effet"),
        ({"qfs": (NewQf(1, "caf", START, "inconnu"),)}, "n'appartient pas à ce dossier"),
    ],
)
def test_incoherent_family_leaves_nothing_behind(town: Records, changes: dict[str, object], said: str) -> None:
    whole = new_family("Petit", children=())
    family = replace(whole, payers=(NewPayer("p", body_name="Département"),), members=())
    with pytest.raises(InvalidData, match=said):
        create_families(town, SETUP, [replace(family, **changes)])  # type: ignore[arg-type]
    with town.read() as session:
        assert session.scalar(select(Family)) is None
        assert session.scalar(select(Person)) is None


def test_known_person_and_class_must_exist(town: Records) -> None:
    with pytest.raises(NotFound, match="personne inconnue"):
        create_family(town, SETUP, replace(new_family(), members=(NewMember("fantome", "child"),)))
    with pytest.raises(NotFound, match="classe inconnue"):
        a_family(town, class_ref="cm9")


def test_audit_keeps_the_whole_file_as_it_was_given(town: Records) -> None:
    a_family(town)
    with town.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.entity == "family")).one()
    assert '"Léa"' in (entry.new or "")
    assert entry.entity_id == "fournier"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pattern": "1122"}, "14 jours"),
        ({"pattern": "11111112222223"}, "14 jours"),
        ({"payer_2_ref": "fournier-adulte-1-payeur"}, "deux payeurs différents"),
    ],
)
def test_custody_calendar_that_cannot_be_is_refused(town: Records, changes: dict[str, str], said: str) -> None:
    family = a_family(town, guardians=2)
    with pytest.raises(InvalidData, match=said):
        add_custody_calendar(town, SETUP, new_custody(family, **changes))


def test_custody_calendar_is_added_by_date_and_never_replaced(town: Records) -> None:
    family = a_family(town, guardians=2)
    calendar: NewCustodyCalendar = new_custody(family)
    add_custody_calendar(town, SETUP, calendar)
    with pytest.raises(InvalidData, match="a déjà un calendrier de garde qui commence le 01/09/2026"):
        add_custody_calendar(town, SETUP, calendar)
    add_custody_calendar(town, SETUP, replace(calendar, valid_from=TODAY))
    with town.read() as session:
        assert len(session.scalars(select(CustodyCalendar)).all()) == 2
