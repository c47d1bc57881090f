from pathlib import Path

from matchcut_server.profiles import credit
from matchcut_server.profiles.warming import warm
from matchcut_server.store.sqlite.store import SqliteStore
from tests.documents import real_videos
from tests.makers import DEFAULTS, put


def test_a_credit_after_warming_waits_for_no_compiler(store: SqliteStore, tmp_path: Path) -> None:
    warm()
    loops = credit.seconds_within.signatures  # type: ignore[attr-defined]  # numba's
    warmed = len(loops)
    assert warmed > 0

    store.write_videos(1, [put(one) for one in real_videos()])
    for one in real_videos() + [stored.video for stored in store.videos(1, "", 100)]:
        assert credit.credit_of(one, [(0.0, 1000.0)], DEFAULTS).texts or not one.keyword_sets[0].texts

    assert len(loops) == warmed
