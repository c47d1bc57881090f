"""Where compiled code is kept."""

import os
import subprocess
import sys
from pathlib import Path

from matchcut_server.insights.compiled import cache_name

PROGRAM = "from matchcut_server.index.warming import warm; warm()"


def test_the_folder_has_another_name_when_a_module_changes(tmp_path: Path) -> None:
    """Also one that holds nothing but a constant: it is compiled into what uses it."""
    kernels, constants = tmp_path / "kernels.py", tmp_path / "constants.py"
    kernels.write_text("@compiled")
    constants.write_text("HALF = 0.5")
    before = cache_name([kernels, constants])
    assert cache_name([constants, kernels]) == before

    for module in (kernels, constants):
        text = module.read_text()
        module.write_text(f"{text}  # changed")
        assert cache_name([kernels, constants]) != before
        module.write_text(text)


def test_what_is_compiled_is_kept_in_the_users_cache(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", PROGRAM]

    subprocess.run(command, env={**environment, "XDG_CACHE_HOME": str(tmp_path)}, check=True, timeout=100)

    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("matchcut-")
    assert list(folder.rglob("*.nbi"))
