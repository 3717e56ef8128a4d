"""The model bites: take away what the promise rests on, in the watched process alone, and cuts must find it."""

import pytest

from tests.simulation.power import outbox_cuts, server_cuts
from tests.simulation.power.cuts import Tally, cut_power, random_cuts
from tests.simulation.power.disk import DiskModel
from tests.simulation.power.families import HONEST, Bench
from tests.simulation.power.outbox_cuts import record_outbox
from tests.simulation.power.server_cuts import record_server

ORDERED, HARSH = HONEST


def cuts_of_a_terminal(bench: Bench, planted: tuple[str, ...], model: DiskModel = ORDERED) -> Tally:
    """Cut the power under an outbox with mistakes."""
    tally = Tally()
    for seed in ("mixed.0", "mixed.1", "mixed.2"):
        recording = record_outbox(bench.recorder, seed, planted)
        cuts = random_cuts(recording, 20)
        tally.merge(cut_power(bench.recorder, recording, [model], cuts, outbox_cuts.HONEST))
    return tally


@pytest.mark.parametrize(
    ("planted", "broken"),
    [
        (("store_normal",), "database_lost"),
        (("journal_without_fsync",), "journal_lost"),
        (("no_journal",), "journal_lost"),
    ],
)
def test_one_copy_that_is_not_durable_is_found_though_the_other_saves_the_tap(
    bench: Bench, planted: tuple[str, ...], broken: str
) -> None:
    tally = cuts_of_a_terminal(bench, planted)
    assert tally.broken[broken] > 0
    assert tally.broken["lost"] == 0
    assert tally.failures != []


def test_a_name_that_was_not_synced_is_found_on_the_harsh_disk(bench: Bench) -> None:
    assert cuts_of_a_terminal(bench, ("folder_without_fsync",), HARSH).broken["journal_lost"] > 0


@pytest.mark.parametrize("journal", ["journal_without_fsync", "no_journal"])
def test_no_durable_copy_loses_taps_and_is_found(bench: Bench, journal: str) -> None:
    assert cuts_of_a_terminal(bench, ("store_normal", journal)).broken["lost"] > 0


def test_records_with_synchronous_normal_lose_answered_taps_and_are_found(bench: Bench) -> None:
    recording = record_server(bench.recorder, bench.school, "mixed.1", ("records_normal",))
    cuts = random_cuts(recording, 60)
    tally = cut_power(bench.recorder, recording, [ORDERED], cuts, server_cuts.HONEST)
    assert tally.broken["lost"] > 0
    assert tally.broken["overstated"] > 0
