"""The set-up scripts, run for real with a false apt-get, sudo, python3 and uv that write down their calls."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hygiene.project import ROOT

UV_VERSION = re.search(r"uv_version=(\S+)", (ROOT / "scripts/setup_environment.sh").read_text())
# Where Debian's python3-venv is missing, `import ensurepip` fails; apt-get (below) mends it.
PYTHON = """#!/bin/sh
case "$*" in
*ensurepip*) [ -e "{bin}/has_venv" ] ;;
"-m venv .venv")
    echo "venv" >>"{log}"
    mkdir -p .venv/bin
    cp "{bin}/real_python" .venv/bin/python
    printf '#!%s/.venv/bin/python\\n' "$(pwd -P)" >.venv/bin/pip
    cp "{bin}/uv" .venv/bin/uv
    ;;
*) exec "{bin}/real_python" "$@" ;;
esac
"""
UV = """#!/bin/sh
[ "$1" = --version ] && echo "uv {version}" && exit
echo "uv $*" >>"{log}"
[ ! -e "{bin}/killed" ] || kill -KILL $PPID
[ ! -e "{bin}/offline" ]
"""
APT = """#!/bin/sh
echo "apt-get $*" >>"{log}"
[ "$1" != install ] || [ -e "{bin}/apt_is_broken" ] || touch "{bin}/has_venv"
"""
SUDO = """#!/bin/sh
[ -e "{bin}/may_sudo" ] || exit 1
echo "sudo $*" >>"{log}"
shift
"$@"
"""


@dataclass
class Checkout:
    """A checkout without .venv, in a folder with spaces, an accent and an apostrophe."""

    folder: Path
    bin: Path

    def run(self, script: str, level: str) -> "subprocess.CompletedProcess[str]":
        """Run one of the scripts from elsewhere, as `make` would."""
        command = ["sh", str(self.folder / "scripts" / script), level]
        environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            command, cwd="/", env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def setup(self, level: str) -> list[str]:
        """Run setup_environment.sh with success; return the calls it made."""
        done = self.run("setup_environment.sh", level)
        assert done.returncode == 0, done.stderr
        return self.calls()

    def calls(self) -> list[str]:
        """Return what the false programs were asked since the last time."""
        log = self.bin / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def has(self, *marks: str) -> None:
        """Set facts of the machine: has_venv, may_sudo, offline, killed, apt_is_broken."""
        for mark in marks:
            (self.bin / mark).touch()

    def is_user(self, uid: int) -> None:
        """Be that user (0 is root)."""
        write(self.bin / "id", f"#!/bin/sh\necho {uid}\n")


def write(path: Path, script: str) -> None:
    """Write an executable script."""
    path.write_text(script)
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh checkout on a machine without python3-venv, used by somebody without rights."""
    folder, programs = tmp_path / "l'été à l'école", tmp_path / "bin"
    (folder / "scripts").mkdir(parents=True)
    programs.mkdir()
    for name in ("scripts/setup_environment.sh", "scripts/system_packages.sh", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, folder / name)
    assert UV_VERSION is not None
    facts = {"bin": programs, "log": programs / "log", "version": UV_VERSION.group(1)}
    for name, script in (("python3", PYTHON), ("uv", UV), ("apt-get", APT), ("sudo", SUDO)):
        write(programs / name, script.format(**facts))
    write(programs / "real_python", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    made = Checkout(folder, programs)
    made.is_user(1000)
    return made


def test_without_rights_the_exact_command_is_printed(checkout: Checkout) -> None:
    done = checkout.run("system_packages.sh", "run")
    assert done.returncode == 1
    assert (
        "\n    sudo apt-get update && sudo apt-get install -y --no-install-recommends python3-venv\n" in done.stderr
    )
    assert "L'installation automatique n'a pas été possible" in done.stderr
    assert checkout.calls() == []


@pytest.mark.parametrize("uid", [0, 1000])
def test_with_rights_the_package_is_installed_after_one_update(checkout: Checkout, uid: int) -> None:
    checkout.is_user(uid)
    checkout.has("may_sudo")
    done = checkout.run("system_packages.sh", "run")
    assert done.returncode == 0, done.stderr
    calls = [line for line in checkout.calls() if line.startswith("apt-get")]
    assert [line.split()[1] for line in calls] == ["update", "install"]
    assert calls[1].endswith(" python3-venv")


def test_package_still_missing_after_installing_is_an_error(checkout: Checkout) -> None:
    checkout.is_user(0)
    checkout.has("apt_is_broken")
    done = checkout.run("system_packages.sh", "run")
    assert done.returncode == 1
    assert "sudo apt-get install -y --no-install-recommends python3-venv" in done.stderr


def test_set_up_stops_before_making_anything_when_a_package_is_missing(checkout: Checkout) -> None:
    assert checkout.run("setup_environment.sh", "run").returncode == 1
    assert not (checkout.folder / ".venv").exists()


def test_second_run_calls_nothing(checkout: Checkout) -> None:
    checkout.has("has_venv")
    first = checkout.setup("run")
    assert first[0] == "venv"
    assert re.fullmatch(r"uv sync --locked .*--extra server --extra terminal --no-dev --inexact", first[1])
    assert checkout.setup("run") == []


def test_run_after_test_leaves_the_test_tools(checkout: Checkout) -> None:
    checkout.has("has_venv")
    assert checkout.setup("test")[1].endswith("--all-extras")
    assert checkout.setup("run") + checkout.setup("terminal") == []


def test_terminal_alone_takes_the_terminal_extra_alone(checkout: Checkout) -> None:
    checkout.has("has_venv")
    assert checkout.setup("terminal")[1].endswith("--extra terminal --no-dev --inexact")
    assert "--extra server" in checkout.setup("run")[0]


def test_changed_lock_is_installed_in_the_same_environment(checkout: Checkout) -> None:
    checkout.has("has_venv")
    checkout.setup("run")
    with (checkout.folder / "uv.lock").open("a") as lock:
        lock.write("\n")
    assert [line.split()[0] for line in checkout.setup("run")] == ["uv"]


def test_moved_folder_gets_a_new_environment(checkout: Checkout) -> None:
    checkout.has("has_venv")
    checkout.setup("run")
    checkout.folder = checkout.folder.rename(checkout.folder.parent / "ailleurs")
    assert [line.split()[0] for line in checkout.setup("run")] == ["venv", "uv"]


def test_installation_that_fails_is_taken_up_again(checkout: Checkout) -> None:
    checkout.has("has_venv", "offline")
    assert checkout.run("setup_environment.sh", "run").returncode != 0
    (checkout.bin / "offline").unlink()
    checkout.calls()
    assert [line.split()[0] for line in checkout.setup("run")] == ["uv"]


def test_installation_that_was_killed_is_made_again(checkout: Checkout) -> None:
    checkout.has("has_venv", "killed")
    assert checkout.run("setup_environment.sh", "run").returncode == -signal.SIGKILL
    (checkout.bin / "killed").unlink()
    checkout.calls()
    assert [line.split()[0] for line in checkout.setup("run")] == ["venv", "uv"]


@pytest.mark.parametrize("script", ["setup_environment.sh", "system_packages.sh"])
def test_unknown_level_is_wrong_usage(checkout: Checkout, script: str) -> None:
    done = checkout.run(script, "everything")
    assert (done.returncode, "usage:" in done.stderr) == (2, True)
