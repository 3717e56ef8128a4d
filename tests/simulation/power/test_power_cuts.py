"""The power goes: at every operation of three taps, then anywhere in random days of terminals and servers.

Test plan F2 (a disk that tells the truth) and F3 (one that lies about fsync).
"""

import pytest

from tests.simulation.power import outbox_cuts, server_cuts
from tests.simulation.power.cuts import Judge, Tally, cut_power, every_cut, random_cuts
from tests.simulation.power.disk import DiskModel
from tests.simulation.power.families import HONEST, Bench, lying
from tests.simulation.power.outbox_cuts import record_outbox
from tests.simulation.power.server_cuts import record_server

CUTS = 20


def random_seeds(
    bench: Bench, seeds: list[str], models: tuple[DiskModel, ...], judge: Judge = outbox_cuts.HONEST
) -> Tally:
    """Cut the power in several scenarios of a terminal."""
    tally = Tally()
    for seed in seeds:
        recording = record_outbox(bench.recorder, seed)
        tally.merge(cut_power(bench.recorder, recording, models, random_cuts(recording, CUTS), judge))
    return tally


@pytest.mark.parametrize("model", HONEST, ids=lambda model: model.name)
def test_no_cut_of_three_taps_of_a_terminal_breaks_a_promise(bench: Bench, model: DiskModel) -> None:
    recording = record_outbox(bench.recorder, "three.0")
    tally = cut_power(bench.recorder, recording, [model], every_cut(recording, draws=1), outbox_cuts.HONEST)
    assert tally.failures == []
    assert tally.runs == 6 * (len(recording.ops) + 1)
    assert (tally.broken, tally.figures["holes"]) == ({}, 0)


@pytest.mark.parametrize("model", HONEST, ids=lambda model: model.name)
def test_no_cut_of_three_taps_of_a_server_breaks_a_promise(bench: Bench, model: DiskModel) -> None:
    recording = record_server(bench.recorder, bench.school, "three.0")
    tally = cut_power(bench.recorder, recording, [model], every_cut(recording, draws=1), server_cuts.HONEST)
    assert tally.failures == []
    assert tally.runs == 6 * (len(recording.ops) + 1)


@pytest.mark.parametrize("part", range(5))
def test_no_cut_of_a_terminals_day_breaks_a_promise(bench: Bench, part: int) -> None:
    seeds = [f"{plan}.{number}" for number in range(part * 3, part * 3 + 3) for plan in ("mixed", "again")]
    tally = random_seeds(bench, seeds, HONEST)
    assert tally.failures == []
    assert tally.broken == {}
    assert tally.distinct > tally.runs // 3
    assert tally.figures["slow_starts"] == 0


@pytest.mark.parametrize("part", range(4))
def test_no_cut_of_a_servers_day_breaks_a_promise(bench: Bench, part: int) -> None:
    tally = Tally()
    for seed in (f"{plan}.{part}" for plan in ("mixed", "again", "threads", "refusals")):
        recording = record_server(bench.recorder, bench.school, seed)
        cuts = random_cuts(recording, CUTS)
        tally.merge(cut_power(bench.recorder, recording, HONEST, cuts, server_cuts.HONEST))
    assert tally.failures == []
    assert tally.broken == {}
    assert tally.figures["owed"] > 0


@pytest.mark.parametrize("plan", ["refusals", "mended"])
def test_no_cut_around_a_time_of_refusals_breaks_a_promise(bench: Bench, plan: str) -> None:
    """An fsync that failed may have lost its writes for good: none of them was shown green."""
    tally = random_seeds(bench, [f"{plan}.{number}" for number in range(6)], HONEST)
    assert tally.failures == []


def test_no_cut_of_a_repair_costs_what_an_undisturbed_one_saves(bench: Bench) -> None:
    tally = random_seeds(bench, [f"repaired.{number}" for number in range(6)], HONEST, outbox_cuts.REPAIRED)
    assert tally.failures == []
    assert tally.broken["database_lost"] > 0


def test_two_copies_outlive_a_disk_that_lies_now_and_then(bench: Bench) -> None:
    """5 % of fsyncs do nothing: each copy alone loses taps; both lose the same one only to two lies at once."""
    tally = random_seeds(bench, [f"mixed.{number}" for number in range(20)], lying(0.05), outbox_cuts.LYING)
    assert tally.failures == []
    assert min(tally.broken["database_lost"], tally.broken["journal_lost"]) > 5
    assert tally.broken["lost"] <= tally.figures["owed"] * outbox_cuts.LOST_SHARE_SOMETIMES


def test_two_copies_lose_far_less_than_one_on_a_disk_that_lies_often(bench: Bench) -> None:
    """30 % of fsyncs do nothing: the loss is not promised away, but bounded."""
    tally = random_seeds(bench, [f"mixed.{number}" for number in range(20)], lying(0.3), outbox_cuts.LYING)
    assert tally.failures == []
    assert 0 < tally.broken["lost"] <= tally.figures["owed"] * outbox_cuts.LOST_SHARE_OFTEN
    assert tally.broken["lost"] * 5 < min(tally.broken["database_lost"], tally.broken["journal_lost"])


def test_a_disk_that_always_lies_invents_nothing(bench: Bench) -> None:
    tally = random_seeds(bench, ["mixed.1", "again.1"], lying(1.0), outbox_cuts.LYING)
    assert tally.broken["lost"] > 0
    assert [tally.broken[family] for family in ("invented", "doubled", "unbooted", "misled")] == [0] * 4


@pytest.mark.parametrize("seed", ["three.1", "mixed.3", "again.3", "refusals.3", "steps.3"])
def test_a_seed_replays_to_the_last_byte(bench: Bench, seed: str) -> None:
    assert record_outbox(bench.recorder, seed).ops == record_outbox(bench.recorder, seed).ops


@pytest.mark.parametrize("seed", ["three.1", "mixed.3", "again.3", "refusals.3"])
def test_a_seed_of_the_server_replays_to_the_last_byte(bench: Bench, seed: str) -> None:
    first, second = (record_server(bench.recorder, bench.school, seed) for _ in range(2))
    assert first.ops == second.ops
