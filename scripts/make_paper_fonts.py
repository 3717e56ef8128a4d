"""Cut the static fonts of papers out of the portal's variable ones: typst reads no woff2 and no `wght` axis.

Run once when the portal's fonts change: `python scripts/make_paper_fonts.py`. Their licence (OFL) is kept beside.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "portal" / "static" / "fonts"
TARGET = ROOT / "exchanges" / "papers" / "fonts"
FAMILY = "Atkinson Hyperlegible Next"
PARTS = {"ahn": FAMILY, "ahn-ext": f"{FAMILY} Ext"}  # two families: the second is the fallback of the first
WEIGHTS = {"Regular": 400, "Bold": 700}
_FAMILY_ID, _STYLE_ID, _FULL_ID, _POSTSCRIPT_ID = 1, 2, 4, 6
_BOLD_SELECTION, _REGULAR_SELECTION = 1 << 5, 1 << 6


def cut(part: str, style: str) -> None:
    """Write one font at one weight, the same bytes each time."""
    font = instancer.instantiateVariableFont(
        TTFont(SOURCE / f"{part}.woff2", recalcTimestamp=False), {"wght": WEIGHTS[style]}
    )
    family = PARTS[part]
    names = {
        _FAMILY_ID: family,
        _STYLE_ID: style,
        _FULL_ID: f"{family} {style}",
        _POSTSCRIPT_ID: f"{family.replace(' ', '')}-{style}",
    }
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    for typographic in (16, 17, 21, 22):
        font["name"].removeNames(nameID=typographic)
    font["OS/2"].usWeightClass = WEIGHTS[style]
    font["OS/2"].fsSelection = _BOLD_SELECTION if style == "Bold" else _REGULAR_SELECTION
    font["head"].macStyle = 1 if style == "Bold" else 0
    font.flavor = None
    font.save(TARGET / f"{part}-{style.lower()}.ttf")


def main() -> None:
    """Write the four fonts and their licence."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        for style in WEIGHTS:
            cut(part, style)
    shutil.copyfile(SOURCE / "OFL.txt", TARGET / "OFL.txt")


if __name__ == "__main__":
    main()
