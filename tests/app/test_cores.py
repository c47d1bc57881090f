"""How many workers a machine, or a share of one, is for."""

import os
from pathlib import Path

import pytest

from matchcut_server import app


@pytest.mark.parametrize(
    "limit, cores",
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("900000 100000", 8)],
)
def test_a_container_counts_for_as_many_cores_as_it_has_time_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)))
    file = tmp_path / "cpu.max"
    file.write_text(f"{limit}\n")
    monkeypatch.setattr(app, "_CPU_LIMIT", file)
    assert app.cpu_cores() == cores


def test_a_machine_without_limits_counts_for_all_its_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_CPU_LIMIT", tmp_path / "none")
    assert app.cpu_cores() == len(os.sched_getaffinity(0))
