"""What the CAF would ask about the fees of early childhood, from badges to controls."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.reading import read_case
from tests.harness.memory_warehouse import MemoryWarehouse
from tests.oracles.caf_world import CafPlace, Scale
from tests.sql.caf_rows import pack_places
from warehouse.project import CompiledProject

SCALE_ALONE: list[dict[str, str]] = [{"barème PSU": "collectif"}]
FROM_ELSEWHERE: list[dict[str, str]] = [*SCALE_ALONE, {"commune": "hors commune", "majoration": "20 %"}]


@pytest.mark.parametrize(
    ("prices", "commune", "found"),
    [(SCALE_ALONE, "Donnery", []), (FROM_ELSEWHERE, "Donnery", [("creche", 2)]), (FROM_ELSEWHERE, "Fay", [])],
)
def test_what_a_town_adds_to_the_scale_is_named(
    compiled: CompiledProject, prices: list[dict[str, str]], commune: str, found: list[tuple[str, int]]
) -> None:
    content: dict[str, Any] = {
        "name": "hors commune",
        "enfant": {"né le": "2024-06-12"},
        "communes": [commune],
        "zones": {"centre": ["Fay"]},
        "revenus": [{"par an": "38400", "enfants": "2"}],
        "services": {"creche": {"tarifs": {"2018-01-01": prices}}},
        "jours": "2026-11-23 au 2026-11-24",
        "inscriptions": [{"service": "creche", "jours": ["lundi", "mardi"]}],
        "pointages": [f"2026-11-{day} {hour}:00 creche badge" for day in (23, 24) for hour in ("09", "11")],
        "attendu": {},
    }
    case = read_case("caf", content)
    rows = pack_places([CafPlace(case.town)], case.first, case.last, (2026, Scale()))
    with MemoryWarehouse(compiled, ["fct_caf_controls"]).filled(rows) as connection:
        controls = connection.execute(
            "select split_part(service_ref, '.', 2), quantity from marts.fct_caf_controls "
            "where control = 'local_price'"
        ).fetchall()
    assert controls == found
