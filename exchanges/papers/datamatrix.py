"""A DataMatrix as SVG, for papers."""

from __future__ import annotations

import zxingcpp


def datamatrix_svg(text: str) -> str:
    """Return a square DataMatrix of a text, without its quiet zone: the paper leaves it."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    svg: str = zxingcpp.write_barcode_to_svg(made, add_quiet_zones=False)
    return svg
