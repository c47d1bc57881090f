from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rpc.service import Service, serving


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A server of its own for each test."""
    with serving(tmp_path / "data") as served:
        yield served
