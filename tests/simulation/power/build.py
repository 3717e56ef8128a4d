"""Compile the window on the disk; it takes half a second, so every run makes its own."""

import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "shim"
PACKAGES = "gcc libc6-dev"


def build(folder: Path) -> Path:
    """Compile the shim into a folder and return the library; raises RuntimeError when it cannot be."""
    target = folder / "power-shim.so"
    compiler = shutil.which("gcc")
    if compiler is None:
        raise RuntimeError(f"gcc is missing: install {PACKAGES}")
    sources = sorted(str(path) for path in SOURCES.glob("*.c"))
    command = [compiler, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", str(target)]
    done = subprocess.run([*command, *sources, "-ldl", "-lpthread"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the shim does not compile (it needs {PACKAGES}):\n{done.stderr}")
    return target
