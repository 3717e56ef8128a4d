"""Months of random families, billed by the SQL and by the slow oracle: each bill is the same to the cent."""

from __future__ import annotations

import pytest

from tests.harness.models import compile_once
from tests.oracles.random_bills import compare


@pytest.mark.parametrize("seed", [0, 3], ids=["credits offset anything", "credits keep to their service"])
def test_sql_and_oracle_bill_the_same_months(seed: int) -> None:
    found = compare(seed, compile_once())
    assert found.differences == []
    # Everything that a bill may say was met.
    assert all(
        found.kinds[kind] for kind in ("sent", "held", "negative", "late", "gone", "changed", "aside", "carried")
    )
    assert found.kinds["lines"] > 100
