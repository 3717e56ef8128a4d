"""Ask a watched process to play a scenario, and get the log of what it did to the disk."""

import json
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.simulation.power.disk import Image
from tests.simulation.power.trace import Op, read_log

ROOT = Path(__file__).parents[3]
SHARED_BYTES = 96 * 1024 * 1024


def memory_folder() -> str | None:
    """Return where files live in memory on this machine, None where nothing is known to."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Recorder:
    """One watched process and the folders it works in; use as a context manager."""

    def __init__(self, shim: Path, parent: Path | None = None) -> None:
        """Start the process with this library preloaded; its folder is made in `parent`, or in memory."""
        self.folder = Path(tempfile.mkdtemp(prefix="marelle-power-", dir=parent or memory_folder()))
        shared = self.folder / "shared"
        with shared.open("wb") as file:
            file.truncate(SHARED_BYTES)
        with shared.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), SHARED_BYTES)
        environment = os.environ | {
            "LD_PRELOAD": str(shim),
            "POWER_SHIM_SHARED": str(shared),
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(ROOT),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.power.zygote"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._log_offset = 0

    def play(self, module: str, seed: object, image: Image | None = None, **options: object) -> Any:
        """Play a scenario in the folder `work`, which holds `image` at first; return what the module says.

        Raises RuntimeError when the scenario does.
        """
        work = self.empty("work")
        (image or Image()).write(work)
        request: Mapping[str, object] = {"module": module, "seed": str(seed), "folder": str(work), **options}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the watched process is gone: {request}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{answer['error']}\nwhile playing {request}")
        self._log_offset = answer["log_offset"]
        return answer["ok"]

    def log(self, length: int) -> bytes:
        """Return the log of the last scenario as bytes."""
        return self._shared[self._log_offset : self._log_offset + length]

    def record(self, module: str, seed: object, image: Image | None = None, **options: object) -> list[Op]:
        """Play a scenario that answers with the length of its log; return its operations.

        Raises RuntimeError when the scenario or one of its actors does, UnsupportedOperation.
        """
        return read_log(self.log(self.play(module, seed, image, **options)))

    def empty(self, name: str) -> Path:
        """Return an empty folder of that name."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def close(self) -> None:
        """End the process and remove the folders."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)
        self._shared.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
