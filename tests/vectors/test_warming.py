"""The compiled loops of imports."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from pathlib import Path

from matchcut_server.insights import spans
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors import accumulation
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.warming import warm
from tests.documents import SYNTHETIC, read_video, real_videos
from tests.makers import put


def variants():
    loops = [*vars(spans).values(), *vars(accumulation).values()]
    return {loop.__name__: len(loop.signatures) for loop in loops if hasattr(loop, "signatures")}


warm()
warmed = variants()
assert len(warmed) > 5, warmed
store = SqliteStore(Path(sys.argv[1]))
videos = [*real_videos(), read_video((SYNTHETIC / "project.json").read_bytes())]
store.write_videos(1, [put(video) for video in videos])
store.update_catalog("default", CatalogSettings(ignored_keywords=("film",)))
store.close()
assert variants() == warmed, (variants(), warmed)
"""


def test_after_warming_nothing_is_left_to_compile(tmp_path: Path) -> None:
    """Not for a project of several videos either, nor for what is weighed anew when settings change."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], check=False, cwd=ROOT, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stderr
