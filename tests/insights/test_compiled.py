"""Where compiled code is kept."""

import os
import subprocess
import sys
from pathlib import Path

from matchcut_server.insights.compiled import cache_name

PROGRAM = "from matchcut_server.index.warming import warm; warm()"


def test_the_folder_has_another_name_when_a_module_with_kernels_changes(tmp_path: Path) -> None:
    kernels, other = tmp_path / "kernels.py", tmp_path / "other.py"
    kernels.write_text("@compiled")
    other.write_text("pass")
    before = cache_name([kernels, other])

    other.write_text("changed")
    assert cache_name([other, kernels]) == before

    kernels.write_text("@compiled too")
    assert cache_name([kernels, other]) != before


def test_what_is_compiled_is_kept_in_the_users_cache(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", PROGRAM]

    subprocess.run(command, env={**environment, "XDG_CACHE_HOME": str(tmp_path)}, check=True, timeout=100)

    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("matchcut-")
    assert list(folder.rglob("*.nbi"))
