"""The kitchen's second model: small boosted trees that correct the SQL model, learned from its own replayed past.

They learn, over all sites together, by how much what was eaten differed from what the SQL model said. One fold of
backtest (the last year, by trees that never saw it) decides who answers and makes the intervals. The same rows give
the same trees: seeds and the number of threads are set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from warehouse.meal_files import DAY_FEATURES

FEATURES, EXPECTED = "int_forecast__features", "int_forecast__expected"
# Below ten sites there is too little to learn from; so there is below about a year of weeks.
SITES_MIN, ROWS_MIN = 10, 1000
FOLD_DAYS = 380
_RATIO_MIN, _RATIO_MAX = 0.5, 1.6
_ORDINARY, _LEAN_SHARE = 0.6, 0.2
# What agents ordered: learned from only when they have ordered for days asked too.
_ORDERS = ("human_order", "order_share", "order_rate", "order_off", "order_eaten", "order_weekday_eaten")
_CLASSES = ("site_kind", "calendar_class", "menu_class")
# What is known of a row, not learned from.
_KEYS = ("origin", "is_asked", "site", "day", "taken", "prediction", "is_strike", "rate")
_COMMON = {
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "num_leaves": 24,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 60,
    "lambda_l2": 5,
    "max_bin": 127,
}
_TREES: tuple[tuple[dict[str, Any], int], ...] = (
    ({"objective": "huber", "alpha": 0.05, "learning_rate": 0.04, "seed": 12}, 300),
    ({"objective": "l1", "learning_rate": 0.06, "num_leaves": 40, "feature_fraction": 0.3, "seed": 5}, 220),
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the features: what they are, what is learned from, and which columns are classes."""

    keys: dict[str, Any]
    values: Any
    classes: list[int]

    @property
    def ratio(self) -> Any:
        """Return what was eaten per meal the SQL model expected; not a number for days to come."""
        return self.keys["taken"] / self.keys["prediction"]

    @property
    def is_past(self) -> Any:
        """Return which rows are past days on which the service ran."""
        return ~self.keys["is_asked"] & ~self.keys["is_strike"] & (self.keys["taken"] > 0)


def is_installed() -> bool:
    """Return whether the optional library is there and loads."""
    try:
        import lightgbm  # noqa: F401 (only to know)
    except (ImportError, OSError):  # OSError: without the libgomp of the system
        return False
    return True


def correct(connection: duckdb.DuckDBPyConnection) -> bool:
    """Replace the SQL model's predictions by the trees', where these did better on the last year; return whether.

    What is left of the replayed past is the fold, so that the intervals are those of the model that answers.
    """
    table = read_features(connection)
    if len(np.unique(table.keys["site"][table.is_past])) < SITES_MIN:
        return False
    fold_from = table.keys["day"][table.is_past].max() - np.timedelta64(FOLD_DAYS, "D")
    fold = table.is_past & (table.keys["day"] > fold_from)
    before = table.is_past & ~fold
    if before.sum() < ROWS_MIN:
        return False
    replayed = predict(table, learn(table, before, _TREES[-1:]), fold)
    taken, sql = table.keys["taken"][fold], table.keys["prediction"][fold]
    if np.abs(replayed - taken).sum() >= np.abs(sql - taken).sum():
        return False
    asked = table.keys["is_asked"]
    # The middle day is fuller than the mean one, which outings nobody declared pull down. The kitchen cooks for the
    # middle day: only a part of what the fold leant by on ordinary days is taken back, to stay within 1 %.
    ordinary = np.abs(table.ratio[fold] - 1) < _ORDINARY
    lean = 1 + _LEAN_SHARE * (replayed[ordinary].sum() / taken[ordinary].sum() - 1)
    answered = predict(table, learn(table, table.is_past, _TREES), asked) / lean
    _replace(connection, table, fold, replayed / lean)
    _replace(connection, table, asked, answered)
    connection.execute(
        f"delete from forecast.{EXPECTED} where not is_asked and day <= ?",  # noqa: S608 (our names)
        [fold_from.astype(object)],
    )
    return True


def read_features(connection: duckdb.DuckDBPyConnection) -> Table:
    """Return the features of all forecasts, replayed and asked, with the numbers of the known days."""
    found: dict[str, Any] = connection.execute(
        f"select features.*, known.* exclude (day) from forecast.{FEATURES} as features "  # noqa: S608 (our names)
        f"left join {DAY_FEATURES} as known on features.day = known.day "
        "order by features.is_asked, features.day, features.site"
    ).fetchnumpy()
    keys = {name: np.ma.filled(found[name], _nothing(found[name])) for name in _KEYS}
    ordered = np.ma.asarray(found["human_order"])[keys["is_asked"]].count() > 0
    learned = [name for name in found if name not in _KEYS and (ordered or name not in _ORDERS)]
    columns = [_codes(found[name]) if name in _CLASSES else _numbers(found[name]) for name in learned]
    return Table(keys, np.column_stack(columns), [learned.index(name) for name in _CLASSES])


def learn(table: Table, rows: Any, settings: Sequence[tuple[dict[str, Any], int]]) -> list[Any]:
    """Return the trees learned from past rows; far-off days are left out, large sites count more."""
    import lightgbm

    ratio = table.ratio
    rows = rows & (ratio > _RATIO_MIN) & (ratio < _RATIO_MAX)
    data = lightgbm.Dataset(
        table.values[rows],
        ratio[rows],
        weight=table.keys["prediction"][rows],
        categorical_feature=table.classes,
        params=_COMMON,
        free_raw_data=False,
    )
    return [lightgbm.train({**_COMMON, **chosen}, data, rounds) for chosen, rounds in settings]


def predict(table: Table, trees: list[Any], rows: Any) -> Any:
    """Return the meals the trees expect for rows: the mean of their corrections of the SQL model."""
    corrections = [one.predict(table.values[rows], num_threads=1) for one in trees]
    return np.mean(corrections, axis=0) * table.keys["prediction"][rows]


def _replace(connection: duckdb.DuckDBPyConnection, table: Table, rows: Any, predictions: Any) -> None:
    connection.register(
        "corrected",
        {
            "origin": table.keys["origin"][rows],
            "site": table.keys["site"][rows],
            "day": table.keys["day"][rows],
            "prediction": np.maximum(predictions, 0),
        },
    )
    connection.execute(
        f"update forecast.{EXPECTED} as expected set prediction = corrected.prediction "  # noqa: S608 (our names)
        "from corrected where expected.origin = corrected.origin and expected.site = corrected.site "
        "and expected.day = cast(corrected.day as date)"
    )
    connection.unregister("corrected")


def _nothing(column: Any) -> Any:
    return np.nan if column.dtype.kind == "f" else 0 if column.dtype.kind in "iu" else None


def _numbers(column: Any) -> Any:
    return np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan)


def _codes(column: Any) -> Any:
    return np.unique(np.ma.filled(column, "").astype(str), return_inverse=True)[1].astype(np.float64)
