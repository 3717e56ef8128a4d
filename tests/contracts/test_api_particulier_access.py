"""Where API Particulier is and who asks: files, environment, and what is refused before a name travels."""

from datetime import date
from pathlib import Path

import pytest

from domain.errors import InvalidData
from exchanges.quotient.access import FILE, PRODUCTION, SIRET_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE, read_access
from exchanges.quotient.access import reachable as reachable_access
from exchanges.quotient.errors import AccessNotConfigured
from exchanges.quotient.register import Dossier, Somebody, read_register, write_register

SIRET = "21790000000019"
FULL = f'token = "secret"\nsiret = "{SIRET}"\n'


def written(home: Path, text: str) -> Path:
    (home / FILE).write_text(text, encoding="utf-8")
    return home


def test_the_file_of_the_folder_gives_the_production_address_by_default(tmp_path: Path) -> None:
    access = read_access(written(tmp_path, FULL), {})
    assert (access.url, access.token, access.siret) == (PRODUCTION, "secret", SIRET)


def test_the_environment_comes_before_the_file_and_silences_the_stand_in(tmp_path: Path) -> None:
    home = written(tmp_path, FULL + 'register = "imaginaires.json"\n')
    assert read_access(home, {}).register == tmp_path / "imaginaires.json"
    access = read_access(home, {TOKEN_VARIABLE: "autre", SIRET_VARIABLE: SIRET})
    assert (access.token, access.register) == ("autre", None)


def test_nothing_configured_says_what_to_write_and_where(tmp_path: Path) -> None:
    with pytest.raises(AccessNotConfigured, match=rf"{FILE}.*{TOKEN_VARIABLE}"):
        read_access(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('token = "x"\nsiret = "123"\n', "14 chiffres"),
        (FULL + 'url = "http://exemple.fr"\n', "https"),
        (FULL + "calls_per_second = 0\n", "calls_per_second"),
        ("token = ", "ne se lit pas"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidData, match=words):
        read_access(written(tmp_path, text), {})


def test_a_service_of_this_machine_may_be_without_encryption(tmp_path: Path) -> None:
    access = read_access(written(tmp_path, FULL), {URL_VARIABLE: "http://127.0.0.1:8014/"})
    assert access.url == "http://127.0.0.1:8014"


def test_the_token_is_never_shown(tmp_path: Path) -> None:
    assert "secret" not in repr(read_access(written(tmp_path, FULL), {}))


def test_a_register_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    person = Somebody("PETIT", "ANNE", "1990-03-18", "F", None, "08480")
    dossier = Dossier("MSA", (person,), (), {"2026-09": 742}, (40_923, 2024), 1, (503,))
    write_register(tmp_path / "r.json", "jeton", [dossier])
    found = read_register(tmp_path / "r.json")
    assert (found.token, found.dossiers) == ("jeton", (dossier,))


def test_the_stand_in_of_a_register_runs_while_it_is_needed(tmp_path: Path) -> None:
    write_register(tmp_path / "r.json", "secret", [])
    access = read_access(written(tmp_path, FULL + 'register = "r.json"\n'), {})
    with reachable_access(access, date(2026, 11, 24)) as reached:
        assert reached.url.startswith("http://127.0.0.1:")
        assert reached.register is None


def test_a_damaged_register_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidData, match="marelle demo"):
        read_register(tmp_path / "r.json")
