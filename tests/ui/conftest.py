"""The small town, made once a worker and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.models import share_models
from tests.ui.town import Town, found_town, open_town
from warehouse.snapshot import folder


@pytest.fixture(scope="session")
def town_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's records, to be copied."""
    path = tmp_path_factory.mktemp("town") / "records.db"
    found_town(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def compiled_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled SQL of the models, as a first build would leave it in a MARELLE_HOME."""
    home = tmp_path_factory.mktemp("models")
    share_models(home)
    return folder(home)


@pytest.fixture
def town(town_file: Path, tmp_path: Path) -> Iterator[Town]:
    """A town of one's own, in a MARELLE_HOME that is the test's folder."""
    shutil.copyfile(town_file, tmp_path / "records.db")
    opened = open_town(f"sqlite:///{tmp_path / 'records.db'}")
    yield opened
    opened.records.close()
