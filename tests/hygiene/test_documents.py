"""What a newcomer reads first is there, and says what the project does."""

import hashlib
import re
import subprocess
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from tests.hygiene.project import ROOMS, ROOT, project_files, read_text

# One worker reads the project once for all of these.
pytestmark = pytest.mark.xdist_group("project")

PROSE = {"README.md", "GLOSSARY.md", "CHANGELOG.md", "CONTRIBUTING.md"}
AGPL_SHA256 = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"


def text_of(name: str) -> str:
    """Read a document of the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def commands(markdown: str) -> list[str]:
    """Return the lines of the fenced blocks, comments left out."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def makefile_targets() -> dict[str, str]:
    """Return the targets people call, with their help."""
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", text_of("Makefile"), re.MULTILINE))


def test_readme_opens_with_a_screenshot_and_the_two_commands() -> None:
    readme = text_of("README.md")
    assert commands(readme)[:2] == ["make run", "make test"]
    opening = readme[: readme.index("make test")]
    picture = re.search(r"!\[[^\]]+\]\(([^)]+\.png)\)", opening)
    assert picture is not None, "no screenshot before the commands"
    assert (ROOT / picture.group(1)).is_file()
    assert opening.count("\n") < 40


def test_licence_is_the_genuine_agpl() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == AGPL_SHA256


def test_make_alone_lists_every_target() -> None:
    shown = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, check=True, capture_output=True, text=True)
    for target, help_text in makefile_targets().items():
        assert re.search(rf"^  make {target} +{re.escape(help_text)}$", shown.stdout, re.MULTILINE), target


def test_contributing_names_every_target() -> None:
    missing = [target for target in makefile_targets() if f"make {target}" not in text_of("CONTRIBUTING.md")]
    assert missing == ["help"]


def test_continuous_integration_runs_what_a_newcomer_runs() -> None:
    lines = [line for line in text_of(".ci/run").splitlines() if line and not line.startswith("#")]
    assert lines == ["set -eu", 'cd "$(dirname "$0")/.."', "make test"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_architecture_describes_every_room() -> None:
    architecture = text_of("docs/architecture.md")
    assert [room for room in ROOMS if f"`{room}/`" not in architecture] == []


def test_links_of_the_documents_lead_somewhere() -> None:
    dead = []
    for path in project_files():
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", (read_text(path) or "") if path.suffix == ".md" else ""):
            if "://" not in target and not (ROOT / path.parent / target).exists():
                dead.append(f"{path}: {target}")
    assert dead == []


@pytest.mark.parametrize("font", ["ahn.woff2", "ahn-ext.woff2", "OFL.txt"])
def test_staff_and_families_read_the_same_font(font: str) -> None:
    served = [ROOT / "portal" / "static" / "fonts" / font, ROOT / "dashboards" / "static" / font]
    assert served[0].read_bytes() == served[1].read_bytes()


def test_every_font_comes_with_its_licence() -> None:
    fonts = [path for path in project_files() if path.suffix in (".woff2", ".ttf")]
    assert fonts
    bare = [path for path in fonts if not list((ROOT / path.parent).glob("*.txt"))]
    assert bare == []


def glossary_rows() -> list[tuple[str, str]]:
    """Return (words, meaning) of each row of the glossary's tables."""
    rows = re.findall(r"^\| ([^|]+) \| (.+) \|$", text_of("GLOSSARY.md"), re.MULTILINE)
    return [(words, meaning) for words, meaning in rows if words != "mot"]


@cache
def searched() -> str:
    """Return the whole project but its prose, without accents, case or word separators."""
    texts = [str(path) + "\n" + (read_text(path) or "") for path in project_files() if is_searched(path)]
    return folded("\n".join(texts))


def is_searched(path: Path) -> bool:
    """Say whether a file counts as a use of a glossary word: code, screens, SQL and the field's pages do."""
    return path.name not in PROSE and path.parts[:2] not in (("tests", "hygiene"), ("docs", "adr"))


def folded(text: str) -> str:
    """Return a text such that `Panier repas`, `panier_repas` and `PANIER-REPAS` are equal."""
    plain = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return re.sub(r"[\s_-]+", " ", plain).casefold()


def is_used(term: str) -> bool:
    """Say whether a term stands as a word (or its plural) in the project."""
    return re.search(rf"(?<![a-z0-9]){re.escape(folded(term))}(s|es)?(?![a-z0-9])", searched()) is not None


def test_glossary_is_read() -> None:
    assert len(glossary_rows()) > 30


def test_every_word_of_the_glossary_is_used() -> None:
    # A row may hold synonyms (« ACM, ALSH »): one of them is in the code or on the screens.
    unused = [
        words for words, _ in glossary_rows() if not any(is_used(one.strip("`")) for one in words.split(", "))
    ]
    assert unused == []


def test_every_identifier_of_the_glossary_is_used() -> None:
    spans = {span for words, meaning in glossary_rows() for span in re.findall(r"`([^`]+)`", words + meaning)}
    identifiers = {span for span in spans if re.fullmatch(r"[A-Za-z_]+", span)}
    assert identifiers
    assert [span for span in sorted(identifiers) if not is_used(span)] == []
