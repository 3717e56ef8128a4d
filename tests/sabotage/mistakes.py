"""A planted mistake: what it changes, what must catch it, and how it is put into a copy of the project."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

PLANTED = Path(__file__).parent / "planted"


class Rotten(Exception):
    """A mistake does not fit the shipped code any more: its text is gone, or stands there more than once."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One text of one shipped file, and what stands there instead."""

    file: str
    old: str
    new: str

    def applied_to(self, text: str) -> str:
        """Return the text with the mistake in it; raises Rotten."""
        found = text.count(self.old)
        if found != 1:
            raise Rotten(f"{self.file} holds {found} times, not once: {self.old.strip().splitlines()[0].strip()}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake; `catcher` is what `python -m` runs, `evidence` matches how it says that a promise is broken."""

    number: int
    title: str
    promise: str
    catcher: str
    evidence: re.Pattern[str]
    edits: tuple[Edit, ...]


def read_mistakes(folder: Path = PLANTED) -> list[Mistake]:
    """Return every mistake of a folder, by number."""
    return sorted((_read(path) for path in folder.glob("*.toml")), key=lambda one: one.number)


def _read(path: Path) -> Mistake:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return Mistake(
        number=int(path.name.partition("-")[0]),
        title=found["title"],
        promise=found["promise"],
        catcher=found["catcher"],
        evidence=re.compile(found["evidence"]),
        edits=tuple(Edit(**edit) for edit in found["edits"]),
    )


def edited(mistake: Mistake, root: Path) -> dict[str, str]:
    """Return each changed file of a project, by its path, with the mistake in it; raises Rotten, SyntaxError."""
    texts: dict[str, str] = {}
    for edit in mistake.edits:
        path = root / edit.file
        if not path.is_file():
            raise Rotten(f"there is no {edit.file}")
        texts[edit.file] = edit.applied_to(texts.get(edit.file) or path.read_text(encoding="utf-8"))
    for file, text in texts.items():
        compile(text, file, "exec")
    return texts


def plant(mistake: Mistake, copy: Path) -> None:
    """Put a mistake into a copy of the project; raises Rotten."""
    for file, text in edited(mistake, copy).items():
        (copy / file).write_text(text, encoding="utf-8")
