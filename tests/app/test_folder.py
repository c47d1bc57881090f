"""The data folder is as durable as what is written into it."""

import os
from pathlib import Path

import pytest

from matchcut_server.app import open_service
from matchcut_server.settings import load_settings


def test_the_names_of_new_folders_are_on_disk_before_the_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    settings = load_settings(None, {"data": tmp_path / "deep" / "data", "listen": "127.0.0.1:0"})
    with open_service(settings):
        assert {str(tmp_path), str(tmp_path / "deep"), str(tmp_path / "deep" / "data")} <= synced
