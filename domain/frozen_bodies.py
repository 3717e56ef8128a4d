"""The frozen body of a draft, as facts keep it and as it is read: lines alike share what is the same of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Body = dict[str, Any]


def read_body(text: str) -> Body:
    """Return a frozen body (records.models.InvoiceDraft), a `days` of lines in each group of `lines`.

    A line has all that is told of it and of the lines alike, with its `day` and its `stay` (None without one); they
    are in the order of days, then kinds.
    """
    body: Body = json.loads(text)
    for group in body["lines"]:
        group["days"] = sorted(_each(group.pop("alike")), key=lambda line: (line["day"], line["kind"]))
    return body


def _each(alike: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for lines in alike:
        days = lines.pop("days")
        yield from ({"stay": None, **lines, **own} for own in days)
