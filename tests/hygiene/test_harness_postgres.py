"""The throw-away PostgreSQL of the harness: one cluster, templates filled once, copies that do not meet."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.harness import postgres


def fill(url: str) -> None:
    """Make a small schema, as migrations would."""
    with psycopg.connect(url) as connection:
        connection.execute("create table child (name text primary key)")
        connection.execute("insert into child values ('Léa')")


def names(url: str) -> list[str]:
    """Read the table back."""
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute("select name from child order by name")]


@pytest.fixture
def template(postgres_cluster: postgres.Cluster) -> str:
    """A template shared by the tests below."""
    return postgres.template_database(postgres_cluster, "harness_template", fill)


def test_server_listens_on_loopback_only(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)


def test_server_refuses_a_wrong_password(postgres_cluster: postgres.Cluster) -> None:
    wrong = postgres_cluster.url().replace(postgres_cluster.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong)


def test_template_is_filled_once(postgres_cluster: postgres.Cluster, template: str) -> None:
    def fill_again(url: str) -> None:
        raise AssertionError(f"{url} was filled twice")

    assert postgres.template_database(postgres_cluster, "harness_template", fill_again) == template


def test_copies_start_equal_and_do_not_meet(template: str) -> None:
    one, other = postgres.fresh_database(template), postgres.fresh_database(template)
    with psycopg.connect(one) as connection:
        connection.execute("insert into child values ('Noé')")
    assert (names(one), names(other)) == (["Léa", "Noé"], ["Léa"])


def test_template_whose_filling_fails_is_made_again(postgres_cluster: postgres.Cluster) -> None:
    def fail(url: str) -> None:
        raise ValueError(url)

    with pytest.raises(ValueError, match="harness_broken"):
        postgres.template_database(postgres_cluster, "harness_broken", fail)
    assert names(postgres.template_database(postgres_cluster, "harness_broken", fill)) == ["Léa"]


def claimed(temporary: Path) -> Path:
    """The folder that a run of its own claims under `temporary`; the run has ended since."""
    claim = "from tests.harness import postgres as p; print(p.claim_folder())"
    done = subprocess.run(
        [sys.executable, "-c", claim],
        cwd=Path(__file__).parents[2],
        env={"TMPDIR": str(temporary), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(done.stdout.strip())


def test_cluster_of_a_dead_run_is_removed_by_the_next(tmp_path: Path) -> None:
    dead = claimed(tmp_path)
    assert dead.is_dir()
    assert claimed(tmp_path).is_dir()
    assert not dead.exists()


@pytest.mark.parametrize("number", [0, os.getpid()], ids=["nobody's", "another program's"])
def test_cluster_of_a_machine_that_was_cut_is_removed_whosever_its_number_is_now(
    tmp_path: Path, number: int
) -> None:
    dead = claimed(tmp_path)
    (dead / "data").mkdir()
    (dead / "data" / "postmaster.pid").write_text(f"{number}\n{dead / 'data'}\n")
    assert claimed(tmp_path).is_dir()
    assert not dead.exists()
