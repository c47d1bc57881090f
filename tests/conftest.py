"""What tests of several folders share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from matchcut_server.store.sqlite.store import SqliteStore
from tests.documents import REAL

# The same examples in every run: a failure is one of the code, not of luck.
settings.register_profile(
    "matchcut", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("matchcut")


_LOGS = structlog.get_config()


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command decides for its process what is logged; here other tests come after it."""
    yield
    structlog.configure(**_LOGS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    opened = SqliteStore(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def whole_documents() -> Path:
    """The folder of the real documents as they were published. Without it, tests that ask for it are skipped."""
    folder = os.environ.get("MATCHCUT_REAL_DOCUMENTS")
    if not folder:
        pytest.skip("MATCHCUT_REAL_DOCUMENTS names no folder")
    return Path(folder)


@pytest.fixture(scope="session", params=["reduced", "whole"])
def real_documents(request: pytest.FixtureRequest) -> Path:
    """The folder of the real documents: those kept beside the tests, and where they are at hand the whole ones."""
    if request.param == "reduced":
        return REAL
    folder: Path = request.getfixturevalue("whole_documents")
    return folder
