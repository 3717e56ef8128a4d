"""A kitchen's own files (history, strikes, what is known ahead, days asked) as the rows the forecast models read.

Nothing is computed here: columns get their type, a count nobody can believe is set aside and said, and the tables
stand where the models of our own records would have put theirs (`int_meals__counts` and its neighbours).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from domain.errors import InvalidData

GIVEN = ("int_meals__counts", "int_meals__asked", "int_meals__days", "int_meals__moment")
DAY_FEATURES = "known_day"
SERVICE_DAYS = "service_days.csv"
# More meals than this for each child enrolled is a slip of the keyboard, not a feast.
_BELIEVABLE = 3
# How many times the most a site ever had may be planned before somebody must look.
_PLANNED_MAX = 2
_CLASSES = ("calendar_class", "menu_class")
_COLUMNS = {
    "history": ("site", "date", "enrolled", "meals_actual"),
    "strikes": ("date",),
    "known_days": ("date",),
    "targets": ("site", "date", "enrolled"),
}


@dataclass(frozen=True, slots=True)
class MealFiles:
    """Where the kitchen's CSV files are; `known` is a folder with service_days.csv."""

    history: Path
    strikes: Path
    known: Path
    targets: Path

    def by_name(self) -> dict[str, Path]:
        """Return each file under the name of the table that holds it as it was written."""
        days = self.known / SERVICE_DAYS
        return {"history": self.history, "strikes": self.strikes, "known_days": days, "targets": self.targets}


@dataclass(frozen=True, slots=True)
class Replay:
    """How the past is replayed: weeks from the order to the meal, and how many days back the first replay is."""

    lead_weeks: int
    days: int


def fill_from_files(connection: duckdb.DuckDBPyConnection, files: MealFiles, replay: Replay) -> list[str]:
    """Create the given relations in a connection that has their schemas; return what was set aside, in French.

    Raises InvalidData when a file or a column is missing, or when nothing is asked.
    """
    for name, path in files.by_name().items():
        _read(connection, name, path)
    for statement in (_COUNTS, _ASKED, _REMARKS, _DAYS):
        connection.execute(statement.format(**_optional(connection)))
    if not _number(connection, "select count(*) from intermediate.int_meals__asked"):
        raise InvalidData(
            f"Le fichier {files.targets} ne demande aucun jour : il faut une ligne par site et par jour."
        )
    connection.execute(_MOMENT, {"lead": 7 * replay.lead_weeks, "days": replay.days})
    _day_features(connection)
    return _set_aside(connection)


def _read(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    if not path.is_file():
        raise InvalidData(f"Le fichier {path} n'existe pas. Vérifiez son nom, puis relancez la commande.")
    try:
        connection.execute(
            f"create table raw.{name} as select * from read_csv(?, header = true, all_varchar = true)",  # noqa: S608 (our names)
            [str(path)],
        )
    except duckdb.Error as error:
        raise InvalidData(f"Le fichier {path} ne se lit pas comme un CSV : {str(error).splitlines()[0]}") from None
    missing = [column for column in _COLUMNS[name] if column not in _columns(connection, name)]
    if missing:
        raise InvalidData(f"Dans {path}, il manque la colonne {missing[0]}. Ajoutez-la, puis relancez la commande.")


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> Sequence[str]:
    found = connection.execute(f"select column_name from (describe raw.{name})").fetchall()  # noqa: S608 (our names)
    return [row[0] for row in found]


def _optional(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the SQL of each column a file may lack."""
    given = {name: _columns(connection, name) for name in _COLUMNS}
    choices = {
        "believable": str(_BELIEVABLE),
        "planned_max": str(_PLANNED_MAX),
        "service_days": SERVICE_DAYS,
    }
    for name in ("history", "targets"):
        for column, default in (("site_type", "''"), ("human_order", "null")):
            choices[f"{name}_{column}"] = column if column in given[name] else default
    for column in _CLASSES:
        choices[column] = column if column in given["known_days"] else "null"
    return choices


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _set_aside(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Say in French how many rows of the history taught nothing, and why."""
    rows = _number(connection, "select count(*) from raw.history")
    kept = _number(connection, "select count(*) from intermediate.int_meals__counts")
    if rows == kept:
        return []
    return [
        f"{rows - kept} ligne(s) de l'historique sur {rows} sont laissées de côté : site ou date manquants "
        f"ou en double, nombre négatif, ou plus de {_BELIEVABLE} repas par inscrit."
    ]


def _day_features(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the numeric columns of the known days under their own names; a column without a number is left out."""
    kept = []
    for column in _columns(connection, "known_days"):
        quoted = '"' + column.replace('"', '""') + '"'
        number = f"try_cast({quoted} as decimal(18, 4))"
        count = f"select count({number}) from raw.known_days"  # noqa: S608 (quoted)
        if column not in ("date", "weekday") and _number(connection, count):
            kept.append(f"max(1.0 * {number}) as {quoted}")
    listed = "".join(f", {one}" for one in kept)
    connection.execute(
        f"create table {DAY_FEATURES} as select try_cast(date as date) as day{listed} from raw.known_days "  # noqa: S608 (quoted)
        "where try_cast(date as date) is not null group by all order by day"
    )


_COUNTS = """
create table intermediate.int_meals__counts as
with typed as (
    select
        site,
        coalesce({history_site_type}, '') as site_kind,
        try_cast(date as date) as day,
        try_cast(try_cast(enrolled as decimal(12, 2)) as bigint) as base,
        try_cast(try_cast(meals_actual as decimal(12, 2)) as bigint) as taken,
        try_cast(try_cast({history_human_order} as decimal(12, 2)) as bigint) as ordered,
        row_number() over (partition by site, date order by rowid desc) as preference
    from raw.history
)
select
    site,
    site_kind,
    day,
    base,
    taken,
    case when ordered between 0 and {believable} * base then ordered end as human_order
from typed
where preference = 1 and site is not null and day is not null and base > 0
    and taken between 0 and {believable} * base
order by day, site
"""

# What is asked is bounded by the most the site ever had, where it had anything.
_ASKED = """
create table intermediate.int_meals__asked as
with typed as (
    select
        site,
        coalesce({targets_site_type}, '') as site_kind,
        try_cast(date as date) as day,
        try_cast(try_cast(enrolled as decimal(12, 2)) as bigint) as given_base,
        try_cast(try_cast({targets_human_order} as decimal(12, 2)) as bigint) as ordered,
        row_number() over (partition by site, date order by rowid desc) as preference
    from raw.targets
),
known as (
    select site, max(base) as most, arg_max(base, day) as last
    from intermediate.int_meals__counts group by site
)
select
    typed.site,
    typed.site_kind,
    typed.day,
    case
        when typed.given_base is null then coalesce(known.last, 0)
        else greatest(least(typed.given_base, coalesce({planned_max} * known.most, typed.given_base)), 0)
    end as base,
    case when typed.ordered between 0 and {believable} * typed.given_base then typed.ordered end as human_order,
    typed.given_base,
    typed.ordered,
    known.last as known_base,
    known.most as most_base
from typed left join known on typed.site = known.site
where typed.preference = 1 and typed.site is not null and typed.day is not null
order by typed.day, typed.site
"""

_REMARKS = """
create table remark as
select
    asked.site,
    asked.day,
    concat_ws(' ',
        case
            when given_base is null and known_base is null
                then 'Aucun inscrit indiqué et site jamais servi : 0 repas. Donnez le nombre d''inscrits.'
            when given_base is null
                then 'Aucun inscrit indiqué : le dernier nombre connu (' || known_base || ') est repris.'
            when given_base < 0 then 'Nombre d''inscrits négatif (' || given_base || ') : compté 0. À corriger.'
            when given_base > {planned_max} * most_base
                then given_base || ' inscrits, plus du double du plus grand nombre connu (' || most_base
                    || ') : ramené à ' || base || '. À vérifier.'
        end,
        case
            when known_base is null and given_base >= 0
                then 'Site sans historique : estimé comme la moyenne de la ville.'
        end,
        case
            when ordered is not null and human_order is null
                then 'Commande prévue incroyable (' || ordered || ') : non utilisée.'
        end,
        case
            when known.day is null
                then 'Jour absent de {service_days} : compté comme un jour ordinaire, sans menu.'
        end
    ) as remark
from intermediate.int_meals__asked as asked
left join (select distinct try_cast(date as date) as day from raw.known_days) as known on asked.day = known.day
"""

_DAYS = """
create table intermediate.int_meals__days as
with wanted as (
    select day from intermediate.int_meals__counts
    union
    select day from intermediate.int_meals__asked
),
known as (
    select
        try_cast(date as date) as day,
        max({calendar_class}) as calendar_class,
        max({menu_class}) as menu_class
    from raw.known_days group by 1
)
select
    wanted.day,
    cast(isodow(wanted.day) - 1 as integer) as weekday,
    coalesce(known.calendar_class, 'std') as calendar_class,
    coalesce(known.menu_class, 'none') as menu_class,
    strikes.day is not null as is_strike
from wanted
left join known on wanted.day = known.day
left join (select distinct try_cast(date as date) as day from raw.strikes) as strikes on wanted.day = strikes.day
order by wanted.day
"""

# What we forecast for good is known up to the last day of the history, which may end before the lead says.
_MOMENT = """
create table intermediate.int_meals__moment as
with asked as (
    select
        cast(min(day) - cast(isodow(min(day)) - 1 as integer) as date) as week_monday,
        (select max(day) + 1 from intermediate.int_meals__counts) as last_known
    from intermediate.int_meals__asked
)
select
    week_monday,
    cast(least(coalesce(last_known, week_monday), week_monday) as date) as known_until,
    cast($lead as integer) as lead_days,
    cast(last_known - cast($days as integer) as date) as replayed_from,
    cast(null as date) as delays_from
from asked
"""
