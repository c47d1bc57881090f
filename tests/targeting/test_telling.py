"""What is told of placements adds up, and lies where it is said to be."""

from collections.abc import Iterator

import pytest

from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.targeting.placements import Placer
from matchcut_server.targeting.telling import Teller
from tests.targeting.test_placements import NOW, Chance


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store whose catalogs are each of one example."""
    opened = SqliteStore(tmp_path_factory.mktemp("telling"))
    opened.write_connection.execute("PRAGMA synchronous = OFF")
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(30))
def test_shares_add_up_to_the_score_and_spans_lie_in_the_moment(store: SqliteStore, seed: int) -> None:
    chance = Chance(seed)
    site, wanted = chance.site(store), chance.wanted()
    view = site.views[0]
    placer = Placer(wanted, store, site.catalog, view)
    teller = Teller(placer.promoted, view, site.settings, wanted.context_seconds)
    for placement in placer.over_videos(NOW):
        fit, told = placement.fit, teller.tell(placement)
        assert 0 <= fit.start == fit.slot < fit.end <= placement.video.end
        assert sum(one.share for one in told.matched) == pytest.approx(fit.score, abs=1e-6)
        shares = [abs(one.share) for one in told.matched]
        assert shares == sorted(shares, reverse=True)
        spans = [span for one in told.matched for span in one.spans]
        assert all(fit.start <= start < end <= fit.end for start, end in spans)
        assert spans
        for one in told.matched:
            assert sum(end - start for start, end in one.spans) <= one.on_screen_seconds + 1e-9
