"""`marelle quotients`: QF from the CAF and the MSA, the town's own calculation, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.dates import parse_day

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from domain.quotients import Formula
    from records.operations.qf_formulas import Calculation

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
FamilyRef = Annotated[str, typer.Argument(metavar="DOSSIER", help="Référence du dossier, par exemple F0001.")]
Payer = Annotated[str, typer.Option(metavar="REF", help="Un seul payeur, quand les parents sont séparés.")]
SOURCE_WORDS = {"caf": "CAF", "msa": "MSA", "computed": "calculé", "default": "inconnu"}


def refresh(
    month: Annotated[str, typer.Option(metavar="AAAA-MM", help="Mois du QF ; sans lui, le mois en cours.")] = "",
    as_json: Json = False,
) -> None:
    """Demander à la CAF et à la MSA le QF de chaque dossier dont un enfant est inscrit (API Particulier).

    Chaque réponse s'ajoute, aucun QF n'est remplacé. Interrompue (Ctrl-C, coupure), l'actualisation reprend où elle
    s'est arrêtée. Dans la ville de démonstration, un service local répond à la place d'API Particulier.
    """
    from cli.dates import parse_month
    from cli.output import print_json, progress
    from cli.settings import database_url, home_folder, records_here
    from jobs.kinds import JobContext
    from jobs.quotient_refresh import refresh_quotients

    if month:
        parse_month(month)
    arguments = {"month": month} if month else {}
    with records_here() as records, progress("Actualisation des QF") as tell:
        result = refresh_quotients(JobContext(records, home_folder(), database_url(), arguments, tell))
    if as_json:
        print_json(result)
    else:
        _tell_refresh(dict(result))


def show(family_ref: FamilyRef, as_json: Json = False) -> None:
    """Montrer les QF d'un dossier : d'où ils viennent, ce qui diffère, les calculs et les ressources."""
    from dataclasses import asdict

    from cli.output import Column, print_json, print_line, print_rows
    from cli.settings import operator, records_here
    from records.operations.incomes import incomes_of
    from records.operations.qf_formulas import qf_calculations
    from records.operations.quotients import quotients_of

    with records_here() as records:
        found = quotients_of(records, operator(), family_ref)
        calculations = qf_calculations(records, operator(), family_ref)
        incomes = incomes_of(records, operator(), family_ref)
    if as_json:
        told = asdict(found) | {
            "calculations": [asdict(each) for each in calculations],
            "incomes": [asdict(each) for each in incomes],
        }
        print_json(_in_units(told))
        return
    print_line(f"{found.family_name} ({found.family_ref})")
    print_rows(
        [asdict(line) for line in found.qfs],
        [
            Column("effective_from", "À partir du"),
            Column("value_e2", "QF", _qf, is_right=True),
            Column("source", "Origine", lambda code: SOURCE_WORDS[code]),
            Column("payer_ref", "Payeur", lambda ref: ref or "tout le dossier"),
            Column("is_standing", "État", lambda stands: "enregistré" if stands else "corrigé depuis"),
        ],
        as_json=False,
        empty="Aucun QF.",
    )
    for difference in found.differences:
        print_line(f"⚠ Deux origines diffèrent : {_sides(difference.values)}. Choisissez avec la famille.")
    if found.notice:
        print_line(f"⚠ {found.notice}")
    for calculation in calculations[:1]:
        _tell_calculation(calculation)
    if incomes:
        _tell_incomes([asdict(each) for each in incomes])


def compute(
    family_ref: FamilyRef,
    income: Annotated[str, typer.Option(metavar="EUROS", help="Revenus de l'avis d'impôt, par exemple 31200,00.")],
    year: Annotated[int, typer.Option(metavar="ANNÉE", help="Année de ces revenus.")],
    adults: Annotated[int, typer.Option(metavar="NOMBRE", help="Adultes du foyer, 1 ou 2.")],
    children: Annotated[int, typer.Option(metavar="NOMBRE", help="Enfants à charge.")],
    benefits: Annotated[str, typer.Option(metavar="EUROS", help="Prestations familiales d'un mois.")],
    disabled: Annotated[int, typer.Option(metavar="NOMBRE", help="Enfants qui ont droit à la part en plus.")] = 0,
    months: Annotated[int, typer.Option(metavar="NOMBRE", help="Mois que ces revenus couvrent.")] = 12,
    tax_parts: Annotated[
        str, typer.Option(metavar="PARTS", help="Parts de l'avis d'impôt, si la formule les lit.")
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="ORIGINE", help="tax_notice, payslips ou declared.")
    ] = "tax_notice",
    payer: Payer = "",
    first: Annotated[
        str, typer.Option("--from", metavar="AAAA-MM-JJ", help="Jour d'effet ; sans lui, aujourd'hui.")
    ] = "",
    trial: Annotated[bool, typer.Option("--trial", help="Un essai : le QF du dossier ne change pas.")] = False,
    as_json: Json = False,
) -> None:
    """Calculer un QF par la formule de la commune, et l'ajouter au dossier avec son explication."""
    from dataclasses import asdict

    from cli.dates import today_here
    from cli.output import print_json
    from cli.settings import operator, records_here
    from domain.quotients import Household, Resources
    from records.operations.qf_formulas import NewCalculation, compute_qf

    new = NewCalculation(
        family_ref,
        parse_day(first) if first else today_here(),
        Resources(year, _hundredths(income), _hundredths(benefits), months),
        Household(adults, children, disabled, _hundredths(tax_parts) if tax_parts else None),
        source,
        payer or None,
        keep=not trial,
    )
    with records_here() as records:
        made = compute_qf(records, operator(), new)
    if as_json:
        print_json(_in_units(asdict(made)))
    else:
        _tell_calculation(made)


def differences(as_json: Json = False) -> None:
    """Lister les dossiers dont le QF diffère selon l'origine (CAF, MSA, calcul) dans la même année scolaire."""
    from cli.output import Column, print_json, print_rows
    from cli.settings import operator, records_here
    from records.operations.paging import PAGE_SIZE_MAX, PageAsked
    from records.operations.qf_lines import differing_qfs

    with records_here() as records:
        pages = [differing_qfs(records, operator(), PageAsked(1, PAGE_SIZE_MAX))]
        for number in range(2, pages[0].pages + 1):
            pages.append(differing_qfs(records, operator(), PageAsked(number, PAGE_SIZE_MAX)))
    rows: list[dict[str, Any]] = [
        {
            "family_ref": each.family_ref,
            "family_name": each.family_name,
            "payer_ref": each.difference.payer_ref,
            "effective_from": each.difference.effective_from,
            "values": each.difference.values,
        }
        for page in pages
        for each in page.lines
    ]
    if as_json:
        print_json([{**row, "values": [_side(*value) for value in row["values"]]} for row in rows])
        return
    columns = [
        Column("family_ref", "Dossier"),
        Column("family_name", "Nom"),
        Column("payer_ref", "Payeur", lambda ref: ref or "tout le dossier"),
        Column("values", "QF selon l'origine", _sides),
    ]
    print_rows(rows, columns, as_json=False, empty="✓ Les origines des QF s'accordent dans tous les dossiers.")


def formula(
    publish: Annotated[
        str, typer.Option(metavar="FICHIER.toml", help="Publier la formule que ce fichier décrit.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Montrer la formule de QF de la commune et celles d'avant, ou en publier une nouvelle.

    Le fichier donne valid_from, decision, form, abatement_e4, counts_benefits, step_e2 et parts, des lignes
    [qui, à partir de quel rang, centièmes de part].
    """
    from dataclasses import asdict
    from pathlib import Path

    from cli.output import print_json, print_line
    from cli.settings import operator, records_here
    from domain.french import number, percent, short_date
    from records.operations.qf_formulas import publish_qf_formula, qf_formulas

    with records_here() as records:
        if publish:
            publish_qf_formula(records, operator(), _read_formula(Path(publish)))
        found = qf_formulas(records, operator())
    if as_json:
        print_json([asdict(each) for each in found])
        return
    if not found:
        print_line("Aucune formule : les QF viennent de la CAF et de la MSA. « --publish » en ajoute une.")
    for each in found:
        print_line(f"À partir du {short_date(each.valid_from)} : {each.decision}")
        print_line(
            f"  abattement {percent(_units(each.abatement_e4))}, prestations "
            f"{'comptées' if each.counts_benefits else 'non comptées'}, arrondi à {number(_units(each.step_e2), 2)}"
        )
        for part in each.parts:
            print_line(f"  {part.who}, à partir du rang {part.from_rank} : {number(_units(part.parts_e2), 2)} part")


def _read_formula(path: Path) -> Formula:
    """Return the formula of a TOML file; raises InvalidData naming what is missing."""
    import tomllib

    from domain.errors import InvalidData
    from domain.quotients import Formula, Part

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        parts = tuple(Part(str(who), int(rank), int(parts)) for who, rank, parts in content.pop("parts", []))
        return Formula(**{**content, "parts": parts})
    except (OSError, ValueError, TypeError) as error:
        raise InvalidData(f"Le fichier {path} ne décrit pas une formule ({error}). Rien n'a été publié.") from None


def _tell_refresh(result: dict[str, Any]) -> None:
    from cli.output import print_line
    from domain.allocataires import NOT_FOUND, NOT_YET, REFUSED, answer_words
    from domain.french import month_name, plural

    month = _month(result["month"])
    if result["resumed"]:
        print_line(f"Reprise : {plural(result['before'], 'réponse déjà reçue', 'réponses déjà reçues')}.")
    print_line(
        f"{month_name(month).capitalize()} : {plural(result['asked'], 'question posée', 'questions posées')}, "
        f"{plural(result['found'], 'réponse trouvée', 'réponses trouvées')}."
    )
    for outcome in (NOT_YET, NOT_FOUND, REFUSED):
        if result[outcome]:
            print_line(f"⚠ {plural(result[outcome], 'dossier')} : {answer_words(outcome, month)}")
    if result["unanswered"]:
        print_line(
            f"⚠ {plural(result['unanswered'], 'dossier')} sans réponse du service. Relancez : rien n'est perdu."
        )
    for each in result["incomplete"]:
        print_line(f"⚠ {each['family_ref']} : demandez à la famille ({', '.join(each['missing'])}).")


def _tell_calculation(calculation: Calculation) -> None:
    from cli.output import print_line

    print_line(f"QF {'calculé' if calculation.qf_id else 'essayé'} : {_qf(calculation.result_e2)}")
    for sentence in calculation.explanation:
        print_line(f"  {sentence}")


def _tell_incomes(rows: list[dict[str, Any]]) -> None:
    from cli.output import Column, print_rows
    from domain.french import euros

    columns = [
        Column("effective_from", "Ressources à partir du"),
        Column("income_year", "Année", str),
        Column("annual_cents", "Ressources annuelles", euros, is_right=True),
        Column("children", "Enfants", is_right=True),
        Column("aeeh", "Dont AEEH", is_right=True),
        Column("source", "Origine"),
    ]
    print_rows(rows, columns, as_json=False, empty="")


def _in_units(value: Any) -> Any:
    """Return what programs read: hundredths and cents become exact numbers, under names without their unit."""
    if isinstance(value, dict):
        return dict(_unit(key, each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return [_in_units(each) for each in value]
    return value


def _unit(key: str, value: Any) -> tuple[str, Any]:
    for suffix in ("_e2", "_cents"):
        if key.endswith(suffix):
            return key.removesuffix(suffix), None if value is None else _units(value)
    if key == "values":
        return key, [_side(*each) for each in value]
    return key, _in_units(value)


def _side(source: str, value_e2: int) -> dict[str, Any]:
    return {"source": source, "value": _units(value_e2)}


def _sides(values: Any) -> str:
    return ", ".join(f"{SOURCE_WORDS[source]} {_qf(value_e2)}" for source, value_e2 in values)


def _units(hundredths: int) -> Decimal:
    from domain.money import from_cents

    return from_cents(hundredths)


def _qf(value_e2: int) -> str:
    from domain.french import number

    return number(_units(value_e2), 2)


def _hundredths(text: str) -> int:
    """Return cents from « 31200,00 »; raises WrongValue."""
    from decimal import Decimal, InvalidOperation

    from cli.help import WrongValue
    from domain.money import to_cents

    try:
        return to_cents(Decimal("".join(text.split()).replace(",", ".")))
    except (InvalidOperation, ValueError, OverflowError):
        raise WrongValue(f"« {text} » n'est pas un nombre à deux décimales, par exemple 31200,00.") from None


def _month(text: str) -> Any:
    from cli.dates import parse_month

    return parse_month(text)
