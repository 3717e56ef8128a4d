"""Which taps are missing, and when they can have been made: one query, for people and for the figures.

A *hole* is a run of numbers that an epoch skips: the terminal made them, the server does not hold them (never
sent, or set aside in the quarantine). Inside an epoch the number is the order, so the taps kept on either side
bound it in time. A *silence* is a terminal that has not been heard for SILENT_MINUTES: what it took since then is
not here, if it took anything. Neither is listed once a person has settled it, nor once the taps have come.

An *undated* run is the other way round: the taps are here, and nothing but the terminal's own clock says when they
were made. What bounds it is what bounds a hole, and the terminal's taps of before: it sends the oldest first.

`open_windows_sql` is one statement for SQLite and PostgreSQL: the warehouse loads its rows as facts, whole or for
one family, so that a page and a line can never disagree on what is missing.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.time import MICROS_PER_MINUTE
from records.operations.presence_freshness import HEARD_MINUTES

# One that is switched off for the night, or between two services of a day, is not silent yet.
SILENT_MINUTES = 12 * 60

# A doubtful time bounds nothing. No tap kept before: back to when the terminal is first known.
_OPEN_WINDOWS = """
with holder as (
    select device_id, epoch from device_epoch
    where epoch in (select holed.epoch from device_epoch as holed where holed.watermark < holed.last_seq)
),
kept as (
    select
        tap.device_id,
        tap.epoch,
        tap.seq,
        tap.received_at,
        case when tap.time_confidence <> 'doubtful' then tap.occurred_at_corrected end as trusted_at
    from holder inner join tap on tap.device_id = holder.device_id and tap.epoch = holder.epoch
),
neighbour as (
    select
        device_id,
        epoch,
        coalesce(lag(seq) over (partition by epoch order by seq, device_id), 0) + 1 as first_missing,
        seq - 1 as last_missing,
        max(trusted_at) over (
            partition by epoch order by seq, device_id rows between unbounded preceding and 1 preceding
        ) as before_at,
        coalesce(
            min(trusted_at) over (
                partition by epoch order by seq, device_id rows between current row and unbounded following
            ),
            received_at
        ) as after_at
    from kept
),
hole as (
    select
        neighbour.device_id,
        neighbour.epoch,
        neighbour.first_missing,
        neighbour.last_missing,
        neighbour.after_at,
        coalesce(
            neighbour.before_at,
            (
                select tap.occurred_at_corrected from tap
                where
                    tap.device_id = neighbour.device_id
                    and tap.time_confidence <> 'doubtful'
                    and tap.occurred_at_corrected < coalesce(device.enrolled_at, neighbour.after_at)
                order by tap.occurred_at_corrected limit 1
            ),
            device.enrolled_at,
            neighbour.after_at
        ) as before_at
    from neighbour inner join device on neighbour.device_id = device.id
    where
        neighbour.first_missing <= neighbour.last_missing
        and not exists (
            select 1 from hole_settlement as settled
            where
                settled.epoch = neighbour.epoch
                and settled.first_missing <= neighbour.first_missing
                and settled.last_missing >= neighbour.last_missing
        )
),
undated_tap as (
    select
        tap.device_id,
        tap.epoch,
        tap.seq,
        coalesce(
            (
                select max(earlier.occurred_at_corrected) from tap as earlier
                where
                    earlier.device_id = tap.device_id
                    and earlier.epoch = tap.epoch
                    and earlier.seq < tap.seq
                    and earlier.time_confidence <> 'doubtful'
            ),
            (
                select earlier.occurred_at_corrected from tap as earlier
                where
                    earlier.device_id = tap.device_id
                    and earlier.time_confidence <> 'doubtful'
                    and earlier.occurred_at_corrected <= tap.received_at
                    and earlier.received_at < tap.received_at
                order by earlier.occurred_at_corrected desc limit 1
            ),
            device.enrolled_at,
            tap.received_at
        ) as before_at,
        coalesce(
            (
                select min(later.occurred_at_corrected) from tap as later
                where
                    later.device_id = tap.device_id
                    and later.epoch = tap.epoch
                    and later.seq > tap.seq
                    and later.time_confidence <> 'doubtful'
            ),
            tap.received_at
        ) as after_at
    from tap inner join device on tap.device_id = device.id
    where
        tap.time_confidence = 'doubtful'
        and tap.kind <> 'undo'
        and not exists (
            select 1 from hole_settlement as settled
            where settled.epoch = tap.epoch and settled.first_missing <= tap.seq and settled.last_missing >= tap.seq
        )
),
-- Runs of numbers without a gap: settling one never settles a hole inside it.
undated as (
    select
        device_id,
        epoch,
        seq,
        before_at,
        after_at,
        seq - row_number() over (partition by device_id, epoch, before_at, after_at order by seq) as run
    from undated_tap
),
heard as (
    select
        device.id as device_id,
        device.revoked_at,
        device.enrolled_at,
        coalesce(
            device_status.last_seen_at,
            (
                select tap.occurred_at_corrected from tap
                where
                    tap.device_id = device.id
                    and tap.time_confidence <> 'doubtful'
                    and tap.occurred_at_corrected <= {now}
                order by tap.occurred_at_corrected desc limit 1
            ),
            device.enrolled_at
        ) as heard_at,
        coalesce((
            select max(settled.until_at) from hole_settlement as settled
            where settled.device_id = device.id and settled.epoch is null
        ), 0) as settled_until
    from device left join device_status on device_status.device_id = device.id
    where device.enrolled_at is not null
),
last_word as (
    select
        device_id,
        case when revoked_at < {now} then revoked_at else {now} end as until_at,
        case
            when heard_at >= enrolled_at and heard_at >= settled_until then heard_at
            when enrolled_at >= settled_until then enrolled_at
            else settled_until
        end as from_at
    from heard
)
select
    device_id,
    epoch,
    first_missing,
    last_missing,
    case when before_at < after_at then before_at else after_at end as from_at,
    case when before_at < after_at then after_at else before_at end as until_at,
    0 as is_undated
from hole
union all
select
    device_id,
    epoch,
    min(seq) as first_missing,
    max(seq) as last_missing,
    case when before_at < after_at then before_at else after_at end as from_at,
    case when before_at < after_at then after_at else before_at end as until_at,
    1 as is_undated
from undated
group by device_id, epoch, before_at, after_at, run
union all
select
    device_id,
    '' as epoch,
    0 as first_missing,
    0 as last_missing,
    from_at,
    until_at,
    0 as is_undated
from last_word
where from_at < {now} - {silent} and from_at < until_at - {heard}
order by 1, 5, 2, 3, 7
"""


class Window(NamedTuple):
    """One device × hole: its numbers (0 and no epoch = a silence), and when they can have been made (µs UTC).

    `is_undated` is 1 where these numbers are kept and only their time is missing.
    """

    device_id: int
    epoch: str
    first_missing: int
    last_missing: int
    from_at: int
    until_at: int
    is_undated: int


def open_windows(session: Session, now: int) -> list[Window]:
    """Return what is missing at `now` (µs UTC), neither settled nor come since."""
    return [Window._make(row) for row in session.execute(text(open_windows_sql(now)))]


def open_windows_sql(now: int) -> str:
    """Return the query of `open_windows`, for either engine; its columns are the fields of Window."""
    return _OPEN_WINDOWS.format(
        now=int(now), silent=SILENT_MINUTES * MICROS_PER_MINUTE, heard=HEARD_MINUTES * MICROS_PER_MINUTE
    )
