"""The letters of whoever has no mail address, as one PDF to print: what the mail says, on paper (docs/adr/0022)."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader, PdfWriter

from domain.french import long_date
from domain.letter_paper import LetterPaper
from exchanges.letters import LETTERS, Town
from exchanges.papers.typesetting import pdf
from records.operations.postal_letters import LettersToPrint, PostalLetter


def letters_pdf(found: LettersToPrint, town: Town, portal: str) -> bytes:
    """Return every letter in the order of the round, each on a new sheet even when both sides are printed."""
    together = PdfWriter()
    for letter in found.letters:
        pages = PdfReader(BytesIO(pdf("letter", _paper(letter, found, (town, portal)).data(), found.day))).pages
        for page in pages:
            together.add_page(page)
        if len(pages) % 2:
            together.add_blank_page()
    into = BytesIO()
    together.write(into)
    return into.getvalue()


def _paper(letter: PostalLetter, found: LettersToPrint, where: tuple[Town, str]) -> LetterPaper:
    town, portal = where
    subject, body = LETTERS[letter.message.kind](letter.message, town, portal)
    return LetterPaper(
        title=subject[:1].upper() + subject[1:],
        lead=f"Le {long_date(found.day)}",
        footer=found.head.sender.name,
        sender=found.head.sender,
        recipient=(letter.name, *(letter.lines or ("Adresse inconnue : à remettre en main propre",))),
        paragraphs=tuple(body.split("\n\n")),
        is_specimen=found.head.is_specimen,
    )
