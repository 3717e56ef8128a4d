"""Bodies that pay, prises en charge from the question to the last unit, scales of aids and recaps of vouchers."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from domain.errors import InvalidData, NotAllowed, NotFound
from records.actors import SETUP, Actor, Grant
from records.database import Records
from records.models import AuditEntry, Coverage, CoverageEnrolment, Document
from records.operations import coverage_lists, coverages, voucher_recaps
from records.operations.aid_scales import NewAidBand, NewAidScale, publish_aid_scale
from records.operations.coverage_terms import CoverageTerms
from records.operations.coverages import NewCoverage, Notice
from records.operations.paying_bodies import NewBody, add_paying_body, edit_paying_body
from records.operations.voucher_recaps import NewRecapCalendar
from tests.factories.people import FamilyRefs, a_family, an_enrolment
from tests.factories.rows import a_row
from tests.factories.town import CANTEEN, EVENING, OTHER_SCHOOL, SCHOOL, START, TODAY, HandClock, place_ids

DAILY = CoverageTerms("flat", "day", amount_cents=600)
QUARTERS = ((12, 31), (3, 31), (6, 30), (8, 31))


@pytest.fixture
def family(town: Records) -> FamilyRefs:
    """Léa, enrolled at the canteen, and three bodies."""
    family = a_family(town, qf_e2=40_000)
    an_enrolment(town, family)
    for ref, kind in (("departement", "department"), ("msa", "msa"), ("caf", "caf")):
        add_paying_body(town, SETUP, NewBody(ref, ref.upper(), kind, START))
    return family


def asked(family: FamilyRefs, **changes: object) -> NewCoverage:
    """Return what is asked of the Département for Léa."""
    asked = NewCoverage("pec-1", "departement", family.child, "decision", DAILY, START)
    return replace(asked, **changes)  # type: ignore[arg-type]


def state_of(town: Records, ref: str = "pec-1") -> str:
    """Return the state that is recorded."""
    with town.read() as session:
        return session.scalars(select(Coverage.state).where(Coverage.ref == ref)).one()


def director(town: Records, place: str = SCHOOL, role: str = "leisure_director") -> Actor:
    """Return somebody with a role at one place."""
    return Actor("Nadia", (Grant(role, place_ids(town)[place]),))


def test_coverage_lives_from_the_question_to_the_enrolment_and_each_step_is_told(
    town: Records, family: FamilyRefs
) -> None:
    actor = director(town)
    coverages.ask_coverage(town, actor, asked(family))
    coverages.quote_coverage(town, actor, "pec-1", 9_200, "Séjour de février")
    coverages.notify_coverage(town, actor, "pec-1", Notice("2026-118"))
    assert [each.waits_for for each in coverage_lists.list_coverages(town, actor)] == [
        "la direction : l'appliquer à l'inscription"
    ]
    coverages.apply_coverage(town, actor, SCHOOL, "pec-1", [f"{family.child}-{CANTEEN}"])
    coverages.end_coverage(town, actor, "pec-1", "used_up", "Les 20 jours sont pris")
    told = coverage_lists.coverage_history(town, actor, "pec-1")
    assert [each.state for each in told] == ["asked", "quoted", "notified", "applied", "used_up"]
    assert (told[1].amount_cents, told[1].comment) == (9_200, "Séjour de février")
    line = coverage_lists.list_coverages(town, actor, states=["used_up"])[0]
    assert (line.decision_number, line.quoted_cents, line.waits_for) == ("2026-118", 9_200, "")
    assert [each.structure_ref for each in line.applied_to] == [SCHOOL]
    with town.read() as session:
        written = select(func.count()).where(AuditEntry.entity == "coverage", AuditEntry.entity_id == "pec-1")
        assert session.scalar(written) == 5


@pytest.mark.parametrize("state", ["applied", "used_up"])
def test_what_was_only_asked_neither_pays_nor_ends_as_if_it_had(
    town: Records, family: FamilyRefs, state: str
) -> None:
    coverages.ask_coverage(town, SETUP, asked(family))
    with pytest.raises(InvalidData, match="demandée ne devient pas"):
        coverages.end_coverage(town, SETUP, "pec-1", state, "Erreur")
    with pytest.raises(InvalidData, match=r"demandée ne devient pas «.appliquée.»"):
        coverages.apply_coverage(town, SETUP, SCHOOL, "pec-1", [f"{family.child}-{CANTEEN}"])
    assert state_of(town) == "asked"


def test_decision_has_a_number_that_serves_once(town: Records, family: FamilyRefs) -> None:
    coverages.ask_coverage(town, SETUP, asked(family))
    with pytest.raises(InvalidData, match="numéro de la décision"):
        coverages.notify_coverage(town, SETUP, "pec-1", Notice("  "))
    coverages.notify_coverage(town, SETUP, "pec-1", Notice("118"))
    with pytest.raises(InvalidData, match=r"«.118.» est déjà enregistrée.*pec-1"):
        coverages.record_coverage(town, SETUP, asked(family, ref="pec-2"), Notice("118"))
    assert [each.ref for each in coverage_lists.list_coverages(town, SETUP)] == ["pec-1"]


def test_notice_may_change_terms_and_days_and_holds_the_scan_of_the_childs_file(
    town: Records, family: FamilyRefs
) -> None:
    coverages.ask_coverage(town, SETUP, asked(family))
    with town.read() as session:
        family_id = session.scalars(select(Coverage.child_id)).one()
    scan = a_row(town, Document, person_id=family_id).id
    stranger = a_family(town, "Grand", children=("Tom",))
    with pytest.raises(InvalidData, match="n'est pas du dossier"):
        coverages.notify_coverage(town, SETUP, "pec-1", Notice("118", document_id=scan + 1))
    terms = CoverageTerms("percent", "day", percent_e4=5_000, unit_ceiling_cents=800)
    notice = Notice("118", scan, terms, TODAY, date(2027, 1, 1))
    coverages.notify_coverage(town, SETUP, "pec-1", notice)
    line = coverage_lists.list_coverages(town, SETUP)[0]
    assert (line.terms, line.valid_from, line.valid_to) == (terms, TODAY, date(2027, 1, 1))
    assert line.has_document
    assert stranger.child != family.child


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (CoverageTerms("percent", "day"), "demande sa part"),
        (CoverageTerms("flat", "day"), "a un montant"),
        (CoverageTerms("flat", "day", amount_cents=0), "dépasser 0"),
        (CoverageTerms("percent", "day", percent_e4=10_001), "0,01 à 100"),
        (CoverageTerms("cap", "day", amount_cents=1, unit_ceiling_cents=2), "plafond par unité"),
        (CoverageTerms("cap", "total", amount_cents=1, units_max=2), "en tout"),
        (CoverageTerms("scale", "day"), "pas de barème"),
        (CoverageTerms("gift", "day"), "n'existe pas"),
    ],
)
def test_terms_that_say_nothing_or_too_much_are_refused(
    town: Records, family: FamilyRefs, terms: CoverageTerms, said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        coverages.ask_coverage(town, SETUP, asked(family, terms=terms))


def test_each_kind_of_paper_comes_from_its_body_and_a_yearly_quote_is_monthly(
    town: Records, family: FamilyRefs
) -> None:
    with pytest.raises(InvalidData, match="ne donne pas de bon MSA"):
        coverages.ask_coverage(town, SETUP, asked(family, kind="msa_voucher"))
    with pytest.raises(InvalidData, match="montant d'un mois"):
        coverages.ask_coverage(town, SETUP, asked(family, kind="yearly_quote"))
    monthly = CoverageTerms("flat", "month", amount_cents=4_500)
    coverages.ask_coverage(town, SETUP, asked(family, kind="yearly_quote", terms=monthly))
    assert state_of(town) == "asked"


def test_body_that_pays_no_more_is_asked_nothing_new(town: Records, family: FamilyRefs) -> None:
    edit_paying_body(town, SETUP, "departement", {"valid_to": date(2026, 10, 1)}, 1)
    with pytest.raises(InvalidData, match=r"ne paie plus depuis le 01/10/2026"):
        coverages.ask_coverage(town, SETUP, asked(family, valid_from=TODAY))


def test_bodies_pay_one_after_the_other_and_never_two_at_one_rank(town: Records, family: FamilyRefs) -> None:
    coverages.record_coverage(town, SETUP, asked(family), Notice("1"))
    coverages.record_coverage(town, SETUP, asked(family, ref="pec-2", body_ref="msa"), Notice("2"))
    with pytest.raises(InvalidData, match=r"«.pec-1.» paie déjà au rang 1"):
        coverages.ask_coverage(town, SETUP, asked(family, ref="pec-3", rank=1))
    coverages.order_coverages(town, SETUP, ["pec-2", "pec-1"])
    assert [(each.ref, each.rank) for each in coverage_lists.list_coverages(town, SETUP)] == [
        ("pec-2", 1),
        ("pec-1", 2),
    ]
    later = asked(family, ref="pec-4", rank=1, service_ref=EVENING)
    with pytest.raises(InvalidData, match=r"«.pec-2.» paie déjà"):
        coverages.ask_coverage(town, SETUP, later)


def test_coverage_is_applied_to_the_childs_own_enrolments_where_the_director_is(
    town: Records, family: FamilyRefs
) -> None:
    coverages.record_coverage(town, SETUP, asked(family, service_ref=EVENING), Notice("1"))
    canteen = f"{family.child}-{CANTEEN}"
    with pytest.raises(InvalidData, match="autre service"):
        coverages.apply_coverage(town, SETUP, SCHOOL, "pec-1", [canteen])
    an_enrolment(town, family, EVENING)
    evening = f"{family.child}-{EVENING}"
    with pytest.raises(NotAllowed):
        coverages.apply_coverage(town, director(town, OTHER_SCHOOL), SCHOOL, "pec-1", [evening])
    with pytest.raises(InvalidData, match="sa direction l'y applique"):
        coverages.apply_coverage(town, director(town, OTHER_SCHOOL), OTHER_SCHOOL, "pec-1", [evening])
    other = a_family(town, "Grand", children=("Tom",))
    an_enrolment(town, other, EVENING)
    with pytest.raises(InvalidData, match="autre enfant"):
        coverages.apply_coverage(town, SETUP, SCHOOL, "pec-1", [f"{other.child}-{EVENING}"])
    coverages.apply_coverage(town, director(town), SCHOOL, "pec-1", [evening])
    with pytest.raises(NotAllowed):
        coverages.remove_coverage(town, director(town, OTHER_SCHOOL), "pec-1", evening, TODAY)
    assert coverages.remove_coverage(town, director(town), "pec-1", evening, TODAY)
    assert not coverages.remove_coverage(town, director(town), "pec-1", evening, TODAY)
    with town.read() as session:
        assert session.scalars(select(CoverageEnrolment.removed_on)).all() == [TODAY]


def test_only_finance_cancels_what_bills_already_deduct(town: Records, family: FamilyRefs) -> None:
    coverages.record_coverage(town, SETUP, asked(family), Notice("1"))
    coverages.apply_coverage(town, SETUP, SCHOOL, "pec-1", [f"{family.child}-{CANTEEN}"])
    with pytest.raises(NotAllowed):
        coverages.end_coverage(town, director(town), "pec-1", "cancelled", "Erreur de dossier")
    with pytest.raises(InvalidData, match="Dites pourquoi"):
        coverages.end_coverage(town, SETUP, "pec-1", "cancelled", " ")
    coverages.end_coverage(town, Actor("Paul", (Grant("finance"),)), "pec-1", "cancelled", "Erreur de dossier")
    assert state_of(town) == "cancelled"
    with pytest.raises(InvalidData, match="annulée ne devient pas"):
        coverages.end_coverage(town, SETUP, "pec-1", "used_up", "Fini")


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ((), "au moins une tranche"),
        ((NewAidBand(0, 50_000, 600), NewAidBand(40_000, 70_000, 400)), "chevauchent à partir du QF 400,00"),
        ((NewAidBand(0, 50_000, 600), NewAidBand(50_100, 70_000, 400)), "ne couvre le QF 500,00"),
        ((NewAidBand(0, 50_000, 0),), "impossible"),
    ],
)
def test_scale_with_a_gap_or_an_overlap_is_refused_by_name(
    town: Records, family: FamilyRefs, bands: tuple[NewAidBand, ...], said: str
) -> None:
    with pytest.raises(InvalidData, match=said):
        publish_aid_scale(town, SETUP, NewAidScale("caf", START, "Courrier", "day", bands))


def test_leisure_voucher_follows_the_scale_of_its_body(town: Records, family: FamilyRefs) -> None:
    bands = (NewAidBand(0, 50_000, 600), NewAidBand(50_000, 70_000, 400))
    publish_aid_scale(town, SETUP, NewAidScale("caf", START, "Courrier du 2 septembre", "day", bands))
    terms = CoverageTerms("scale", "day", year_units_max=30, holidays_only=True)
    leisure = asked(family, body_ref="caf", kind="caf_leisure", terms=terms)
    coverages.record_coverage(town, SETUP, leisure, Notice("ATL-7"))
    assert state_of(town) == "notified"
    with pytest.raises(InvalidData, match="dans cette unité"):
        coverages.ask_coverage(town, SETUP, replace(leisure, ref="x", terms=replace(terms, unit="half_day")))


def test_recap_of_vouchers_goes_from_the_director_to_finance_and_is_reminded(
    town: Records, family: FamilyRefs, clock: HandClock
) -> None:
    with pytest.raises(NotFound, match="ne sont pas fixés"):
        voucher_recaps.recap_states(town, SETUP)
    voucher_recaps.set_recap_calendar(town, SETUP, NewRecapCalendar(START, "Note du 1er septembre", QUARTERS, 15))
    voucher = asked(family, body_ref="msa", kind="msa_voucher")
    coverages.record_coverage(town, SETUP, voucher, Notice("B-1"))
    coverages.apply_coverage(town, SETUP, SCHOOL, "pec-1", [f"{family.child}-{CANTEEN}"])
    due = date(2026, 12, 31)

    def stand() -> tuple[str, bool]:
        found = voucher_recaps.recap_states(town, director(town), due)[0]
        assert (found.first_day, found.end) == (START, date(2027, 1, 1))
        return found.step, found.is_reminded

    assert stand() == ("to_send", False)
    clock.set(480, date(2026, 12, 16))
    assert stand() == ("to_send", True)
    assert voucher_recaps.recap_states(town, director(town, OTHER_SCHOOL), due) == []
    voucher_recaps.send_recap(town, director(town), SCHOOL, due)
    with pytest.raises(NotAllowed):
        voucher_recaps.relay_recap(town, director(town), SCHOOL, due)
    voucher_recaps.return_recap(town, director(town, role="sector_manager"), SCHOOL, due, "Il manque le bon B-1")
    assert stand() == ("returned", True)
    voucher_recaps.send_recap(town, director(town), SCHOOL, due)
    voucher_recaps.relay_recap(town, director(town, role="sector_manager"), SCHOOL, due)
    with pytest.raises(NotAllowed):
        voucher_recaps.return_recap(town, director(town, role="sector_manager"), SCHOOL, due, "Trop tard")
    voucher_recaps.receive_recap(town, Actor("Paul", (Grant("finance"),)), SCHOOL, due)
    assert stand() == ("received", False)
    with pytest.raises(InvalidData, match="reçu par les finances"):
        voucher_recaps.send_recap(town, director(town), SCHOOL, due)


def test_recap_days_are_days_of_every_year_and_none_is_due_on_another(town: Records, family: FamilyRefs) -> None:
    with pytest.raises(InvalidData, match="29/2 n'est pas un jour de chaque année"):
        voucher_recaps.set_recap_calendar(town, SETUP, NewRecapCalendar(START, "Note", ((2, 29),), 15))
    voucher_recaps.set_recap_calendar(town, SETUP, NewRecapCalendar(START, "Note", QUARTERS, 15))
    with pytest.raises(InvalidData, match="Aucun récapitulatif n'est attendu"):
        voucher_recaps.send_recap(town, SETUP, SCHOOL, TODAY)
