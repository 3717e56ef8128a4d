"""A declaration as people read it: its lines, what differs, what would be asked; for a page, a file and a paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from domain.caf_declarations import (
    BASIS_WORDS,
    COMPUTED,
    VERSION_WORDS,
    About,
    Control,
    Difference,
    Figure,
)
from domain.caf_lines import (
    BLOCK_WORDS,
    CONTROL_ADVICE,
    CONTROL_WORDS,
    UNIT_WORDS,
    fault_words,
    figure_words,
    line_label,
)
from domain.french import typeset
from domain.invoice_paper import Part, Sender
from domain.register_paper import RegisterPaper, Section


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line: its block, its label, its exact value (None: refused, `remark` says why) and its unit."""

    block: str
    label: str
    value: Decimal | None
    unit: str
    remark: str

    @property
    def shown(self) -> str:
        """The value as people read it, « – » when it is refused."""
        return "–" if self.value is None else figure_words(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class SheetDifference:
    """A line that changed since an earlier declaration."""

    block: str
    label: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, slots=True)
class DeclarationSheet:
    """A frozen declaration, ready to be written down; `changes` are since the declaration that `since` names."""

    about: About
    structure_label: str
    town: str
    sha256: str
    frozen_on: str
    frozen_by: str
    lines: tuple[SheetLine, ...]
    controls: tuple[tuple[str, int, str], ...]
    since: str = ""
    changes: tuple[SheetDifference, ...] = field(default=())

    @property
    def title(self) -> str:
        """« Déclaration CAF 2026, réel n° 2 »."""
        words = VERSION_WORDS[self.about.version]
        return typeset(f"Déclaration CAF {self.about.year}, {words} n° {self.about.number}")

    @property
    def proof(self) -> str:
        """Where the figures come from, and the hash of what was frozen."""
        return typeset(
            f"Figée le {self.frozen_on} par {self.frozen_by}. Chiffres {self.about.snapshot_id}. "
            f"Empreinte SHA-256 : {self.sha256}"
        )


def sheet_lines(figures: Iterable[Figure]) -> tuple[SheetLine, ...]:
    """Return the lines in the order of the declaration's blocks."""
    blocks = list(BLOCK_WORDS)
    ordered = sorted(
        figures,
        key=lambda each: (
            blocks.index(each.block) if each.block in blocks else len(blocks),
            each.position,
            each.code,
        ),
    )
    return tuple(
        SheetLine(
            BLOCK_WORDS.get(each.block, each.block),
            line_label(each.code),
            each.value,
            each.unit,
            fault_words(each.fault) if each.fault else "" if each.basis == COMPUTED else BASIS_WORDS[each.basis],
        )
        for each in ordered
    )


def sheet_differences(found: Iterable[Difference]) -> tuple[SheetDifference, ...]:
    """Return differences in words."""

    def said(value: Decimal | None, unit: str) -> str:
        return "–" if value is None else figure_words(value, unit)

    return tuple(
        SheetDifference(
            BLOCK_WORDS.get(each.block, each.block),
            line_label(each.code),
            said(each.before, each.unit),
            said(each.after, each.unit),
            said(each.change, each.unit),
        )
        for each in found
    )


def control_summary(controls: Sequence[Control]) -> tuple[tuple[str, int, str], ...]:
    """Return what would be asked, how many times, and what to do; the most frequent first."""
    counts = Counter(each.code for each in controls)
    return tuple(
        (CONTROL_WORDS.get(code, code), count, CONTROL_ADVICE.get(code, ""))
        for code, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    )


def declaration_paper(sheet: DeclarationSheet, *, is_specimen: bool) -> RegisterPaper:
    """Return the page that a person types from: one table a block, then what differs and what would be asked."""
    blocks: dict[str, list[SheetLine]] = {}
    for line in sheet.lines:
        blocks.setdefault(line.block, []).append(line)
    sections = [
        Section(
            block,
            ("Ligne", "Remarque", "À saisir"),
            tuple((line.label, line.remark, line.shown) for line in lines),
            numbers_from=2,
        )
        for block, lines in blocks.items()
    ]
    if sheet.changes:
        columns = ("Ligne", "Avant", "Maintenant", "Écart")
        changed = tuple(
            (f"{each.block}, {each.label}", each.before, each.after, each.change) for each in sheet.changes
        )
        sections.append(Section(f"Ce qui change depuis {sheet.since}", columns, changed, numbers_from=1))
    if sheet.controls:
        asked = tuple((words, advice, str(count)) for words, count, advice in sheet.controls)
        sections.append(Section("Contrôles avant envoi", ("Contrôle", "Que faire", "Cas"), asked, numbers_from=2))
    return RegisterPaper(
        sheet.title,
        sheet.structure_label,
        f"{sheet.structure_label}, {sheet.title}",
        Sender(sheet.town, ()),
        tuple(sections),
        (Part("Preuve", sheet.proof),),
        is_specimen,
    )


def units_said(unit: str) -> str:
    """Return the unit of a column of figures."""
    return UNIT_WORDS.get(unit, unit)
