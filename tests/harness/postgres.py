"""One throw-away PostgreSQL cluster a test run, on loopback, shared by all workers.

The run's owner (scripts/run_tests.py, or pytest's controller when run alone) claims a folder and puts it in
`MARELLE_TEST_CLUSTER_DIR`; the first test that needs PostgreSQL starts the cluster there under a file lock,
and the owner stops it. A run that needs no PostgreSQL never starts one.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.harness.processes import free_port

CLUSTER_DIR_VARIABLE = "MARELLE_TEST_CLUSTER_DIR"
FOLDER_PREFIX = "marelle-test-postgres-"
START_SECONDS_MAX = 60


class PostgresError(RuntimeError):
    """PostgreSQL is not installed, or the throw-away cluster did not start; the message says which."""


@dataclass(frozen=True)
class Cluster:
    """A running throw-away cluster: its folder and how to reach it."""

    folder: Path
    port: int
    password: str

    def url(self, database: str = "postgres") -> str:
        """Return the libpq and SQLAlchemy address of one database of this cluster."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"


def claim_folder() -> Path:
    """Make the folder of this run's cluster and publish it to child processes. The caller owns it.

    Clusters whose owner died without stopping them are stopped and removed first.
    """
    _remove_orphans()
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    folder.chmod(0o711)
    (folder / "owner.pid").write_text(str(os.getpid()))
    os.environ[CLUSTER_DIR_VARIABLE] = str(folder)
    return folder


def release_folder(folder: Path) -> None:
    """Stop the cluster in `folder`, if one was started, and remove the folder."""
    if os.environ.get(CLUSTER_DIR_VARIABLE) == str(folder):
        del os.environ[CLUSTER_DIR_VARIABLE]
    _stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    """Return this run's folder, which its workers and its suites share; removed at the end."""
    return Path(os.environ[CLUSTER_DIR_VARIABLE])


def shared_cluster() -> Cluster:
    """Return this run's cluster, starting it if this is the first caller. Raises PostgresError."""
    folder = run_folder()
    with locked(folder, "start"):
        address = folder / "cluster.json"
        if not address.exists():
            _start(folder, address)
        found = json.loads(address.read_text())
    return Cluster(folder=folder, port=found["port"], password=found["password"])


def template_database(cluster: Cluster, name: str, fill: Callable[[str], None], source: str = "template1") -> str:
    """Return the address of a database filled once a run by `fill(address)`, e.g. by the migrations.

    It begins as a copy of the cluster's database `source`. Later callers, in whichever worker, get the same one and
    must not write to it: copy it with `fresh_database`. If `fill` raises, the half-made database is dropped.
    """
    with locked(cluster.folder, f"template-{name}"):
        done = cluster.folder / f"template-{name}.done"
        if not done.exists():
            _copy_database(cluster.url(), source, name)
            try:
                fill(cluster.url(name))
            except BaseException:
                drop_database(cluster.url(name))
                raise
            done.touch()
    return cluster.url(name)


def fresh_database(template_url: str) -> str:
    """Copy the database at `template_url` under a new random name; return the copy's address.

    Nobody may be connected to the template while it is copied: dispose of the engine that filled it.
    A copy takes 30 ms and 8 MB; leave it to the end of the cluster, dropping takes half a second.
    """
    parts = urlsplit(template_url)
    name = f"test_{secrets.token_hex(8)}"
    _copy_database(_server_url(template_url), parts.path.lstrip("/"), name)
    return urlunsplit(parts._replace(path=f"/{name}"))


def drop_database(url: str) -> None:
    """Drop the database at `url`, cutting whoever is still connected."""
    name = urlsplit(url).path.lstrip("/")
    _execute(_server_url(url), sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def server_binaries() -> Path:
    """Return the folder of the newest installed PostgreSQL server. Raises PostgresError when there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if found:
        return max(found, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))
    if on_path:
        return Path(on_path).parent
    raise PostgresError("no PostgreSQL server here: run `sh scripts/system_packages.sh test`")


def _start(folder: Path, address: Path) -> None:
    binaries, data, port, password = server_binaries(), folder / "data", free_port(), secrets.token_urlsafe(18)
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:  # initdb refuses root
        for path in (data, password_file):
            shutil.chown(path, "postgres", "postgres")
    init = ["--auth=scram-sha-256", f"--pwfile={password_file}", "--username=postgres", "--encoding=UTF8"]
    _run([binaries / "initdb", "-D", data, *init, "--locale=C.UTF-8", "--no-instructions"])
    # No test kills this server, and the system keeps what it wrote: what waits for the disk proves nothing here.
    settings = [
        "listen_addresses=127.0.0.1",
        f"port={port}",
        f"unix_socket_directories={data}",
        "max_connections=200",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
    ]
    (data / "postgresql.auto.conf").write_text("".join(_setting(line) for line in settings))
    _run([binaries / "pg_ctl", "-D", data, "-l", data / "server.log", "-w", "-t", START_SECONDS_MAX, "start"])
    address.touch(mode=0o600)
    address.write_text(json.dumps({"port": port, "password": password}))


def _setting(line: str) -> str:
    name, value = line.split("=", 1)
    return f"{name} = '{value}'\n"


def _stop(folder: Path) -> None:
    try:
        server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        program = Path(f"/proc/{server}/comm").read_text().strip()
    except (OSError, ValueError, IndexError):
        return  # none was started, or it has ended
    # A machine that was cut leaves the file of a server that is gone: its number may be another program's by now.
    if program == "postgres":
        _run([server_binaries() / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"])


def _remove_orphans() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        try:
            owner = int((folder / "owner.pid").read_text())
        except (OSError, ValueError):
            continue  # being made at this moment, or another user's
        if not _is_alive(owner):
            release_folder(folder)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _run(command: Sequence[str | Path | int]) -> None:
    """Run a server binary, as the user postgres when we are root.

    Its output goes to a file: a daemon that inherits a pipe would keep us reading for ever.
    """
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False)
        if done.returncode != 0:
            output.seek(0)
            raise PostgresError(f"{Path(str(command[0])).name} failed ({done.returncode}):\n{output.read()}")


def _server_url(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/postgres"))


def _copy_database(server_url: str, source: str, name: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(server_url, statement.format(sql.Identifier(name), sql.Identifier(source)))


def _execute(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Take turns with the other processes of the run for what bears this name."""
    with (folder / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
