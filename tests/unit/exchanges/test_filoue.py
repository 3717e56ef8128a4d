"""The Filoué file: the row of the worked example, layouts as data, and nobody who did not agree."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import InvalidData, NotFound
from domain.filoue import FiloueFigures
from exchanges.filoue.files import filoue_file
from exchanges.filoue.layouts import FORMATS_OF, read_layout
from records.operations.filoue_people import FilouePerson, FilouePlace

LEA = FilouePerson(
    "lea", "F0001", True, date(2024, 3, 5), "1234567", "79500", "VILLE", date(2026, 1, 1), date(2026, 12, 31)
)
PLACE = FilouePlace("creche", "791", "201900123", None, (LEA,))
YEAR = FiloueFigures("lea", Decimal(1342), Decimal("1287.5"), Decimal("2214.30"), Decimal("0.0516"), "RG")
ROW = "791;201900123;1;1234567;1;05/03/2024;79500;VILLE;1342.00;1287.50;2214.30;1.65;0.0516;01/01/2026;31/12/2026"
LAYOUT = read_layout("2021")


def rows(place: FilouePlace, figures: FiloueFigures = YEAR) -> list[str]:
    """Return the lines of the file, its header first."""
    return filoue_file(place, {"lea": figures}, LAYOUT).content.decode().split("\r\n")


def test_row_of_the_worked_example_is_exact() -> None:
    header, row, end = rows(PLACE)
    assert header.split(";")[:4] == ["NUMERO_CAF", "NUMERO_DOSSIER_AFC", "TOP_ALLOC", "MATRICULE"]
    assert len(header.split(";")) == 15
    assert (row, end) == (ROW, "")


def test_rate_keeps_its_fourth_decimal_and_an_hour_without_bill_costs_nothing() -> None:
    row = rows(PLACE, replace(YEAR, effort_rate=Decimal("0.0619"), billed_hours=Decimal(0)))[1].split(";")
    assert (row[12], row[11], row[8]) == ("0.0619", "0.00", "0.00")


@pytest.mark.parametrize(("group", "code"), [("RG", "1"), ("MSA", "2"), ("AUTRE", "3")])
def test_fund_is_told_by_its_code(group: str, code: str) -> None:
    assert rows(PLACE, replace(YEAR, regime_group=group))[1].split(";")[4] == code


def test_separator_in_a_commune_becomes_a_comma_and_a_postcode_keeps_its_zero() -> None:
    person = replace(LEA, commune="Ville;\nHaute", postcode="01000", allocataire_number=None)
    row = rows(replace(PLACE, people=(person,)))[1].split(";")
    assert (row[2], row[3], row[6], row[7]) == ("0", "", "01000", "Ville, Haute")


def test_family_that_did_not_agree_is_in_no_row_whatever_it_lacks() -> None:
    silent = replace(LEA, child_ref="noe", agrees=False, birth_date=None)
    idle = replace(LEA, child_ref="ines")
    made = filoue_file(replace(PLACE, people=(LEA, silent, idle)), {"lea": YEAR, "noe": YEAR}, LAYOUT)
    assert (made.children, made.without_agreement, made.without_figures) == (1, 1, 1)
    assert made.content.decode().split("\r\n")[1:] == [ROW, ""]


def test_missing_data_refuses_the_whole_file_by_name() -> None:
    person = replace(LEA, postcode=None)
    with pytest.raises(InvalidData, match=r"lea \(code postal, régime, taux d'effort\)"):
        rows(replace(PLACE, people=(person,)), replace(YEAR, effort_rate=None, regime_group=None))
    with pytest.raises(InvalidData, match="numéro de dossier AFC"):
        rows(replace(PLACE, caf_file_number=None))


def test_layout_of_the_documentation_gives_the_lines_that_it_shows(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "filoue.md").read_text(encoding="utf-8")
    told, shown = (re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("toml", "text"))
    assert told is not None
    assert shown is not None
    file = tmp_path / "filoue-2026.toml"
    file.write_text(told[1], encoding="utf-8")
    person = replace(LEA, postcode="01000")
    place = replace(PLACE, idequ="EAJE00105", people=(person,))
    made = filoue_file(place, {"lea": YEAR}, read_layout(str(file)))
    assert made.content.decode().replace("\r\n", "\n") == shown[1]


def test_documentation_tells_each_field_with_its_formats_and_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs" / "filoue.md").read_text(encoding="utf-8")
    told: dict[str, set[str]] = {}
    for line in re.findall(r"^\| `(?!field).*\|$", page, re.MULTILINE):
        fields, _, formats = line.strip("| ").split(" | ")
        told |= {field: set(re.findall(r"`(\w+)`", formats)) for field in re.findall(r"`(\w+)`", fields)}
    assert told == {field: set(formats) for field, formats in FORMATS_OF.items()}


def test_column_whose_format_does_not_fit_its_field_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    file = tmp_path / "2027.toml"
    column = '[[column]]\nname = "CP"\nfield = "postcode"\nformat = "{}"\n'
    file.write_text(f'source = "Essai"\nseparator = ";"\n{column.format("day")}', encoding="utf-8")
    with pytest.raises(InvalidData, match="CP"):
        read_layout(str(file))
    file.write_text(f'source = "Essai"\nseparator = ";"\n{column.format("text") * 2}', encoding="utf-8")
    with pytest.raises(InvalidData, match="noms différents"):
        read_layout(str(file))
    file.write_text(f'source = "Essai"\nseparator = "."\n{column.format("text")}', encoding="utf-8")
    with pytest.raises(InvalidData, match="décimales"):
        read_layout(str(file))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff", "ne se lit pas"),
        (b'source = "Essai"\nseparator = 5\n', "« separator » manque"),
        (b'source = "Essai"\nseparator = ";"\n', "doit avoir des colonnes"),
        (b'source = "Essai"\nseparator = ";"\ncolumn = 3\n', "ne se lit pas"),
        (b'source = "Essai"\nseparator = ";"\nregimes = "RG"\n', "ne se lit pas"),
        (b'source = "Essai"\nseparator = ";"\n[[column]]\nname = "CP"\nfield = ["postcode"]\n', "« field » manque"),
        (b'source = "E"\nseparator = "/"\n[[column]]\nname = "N"\nfield = "birth_date"\nformat = "day"\n', "dates"),
    ],
)
def test_file_that_is_no_layout_says_what_is_wrong_with_it(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "2027.toml").write_bytes(text)
    with pytest.raises(InvalidData) as refusal:
        read_layout(str(tmp_path / "2027.toml"))
    assert said in refusal.value.message.replace("\u00a0", " ")


def test_layout_that_asks_an_idequ_nobody_entered_refuses_the_file(tmp_path: Path) -> None:
    file = tmp_path / "2027.toml"
    column = '[[column]]\nname = "IDEQU"\nfield = "idequ"\nformat = "text"\n'
    file.write_text(f'source = "Essai"\nseparator = ";"\n{column}', encoding="utf-8")
    with pytest.raises(InvalidData, match="IDEQU de « creche »".replace(" ", ".")):
        filoue_file(PLACE, {"lea": YEAR}, read_layout(str(file)))


def test_two_siblings_have_a_row_each() -> None:
    brother = replace(LEA, child_ref="tom", birth_date=date(2025, 1, 2))
    made = filoue_file(replace(PLACE, people=(LEA, brother)), {"lea": YEAR, "tom": YEAR}, LAYOUT)
    assert [row.split(";")[5] for row in made.content.decode().split("\r\n")[1:3]] == ["05/03/2024", "02/01/2025"]


def test_newer_layout_is_a_file_and_no_code(tmp_path: Path) -> None:
    file = tmp_path / "2027.toml"
    columns = [("IDEQU", "idequ", "text"), ("TAUX", "effort_rate", "rate")]
    told = "".join(f'[[column]]\nname = "{n}"\nfield = "{f}"\nformat = "{k}"\n' for n, f, k in columns)
    file.write_text(f'source = "Essai"\nseparator = "|"\nregimes = {{ RG = "1" }}\n{told}', encoding="utf-8")
    made = filoue_file(replace(PLACE, idequ="12345"), {"lea": YEAR}, read_layout(str(file)))
    assert made.content == b"IDEQU|TAUX\r\n12345|0.0516\r\n"
    file.write_text(file.read_text(encoding="utf-8").replace('"rate"', '"percent"'), encoding="utf-8")
    with pytest.raises(InvalidData, match=r"TAUX.*docs/filoue\.md"):
        read_layout(str(file))
    file.write_text(
        file.read_text(encoding="utf-8").replace(
            '"effort_rate"\nformat = "percent"', '"regime_group"\nformat = "regime"'
        ),
        encoding="utf-8",
    )
    with pytest.raises(InvalidData, match="MSA, AUTRE"):
        read_layout(str(file))
    file.write_text("=", encoding="utf-8")
    with pytest.raises(InvalidData, match="ne se lit pas"):
        read_layout(str(file))
    with pytest.raises(NotFound, match="2022"):
        read_layout("2022")
