"""The laws of views, tried on catalogs and queries of every kind."""

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from matchcut_server.index.port import Index, View
from tests.index.laws import check_every_limit, check_same, idf_of
from tests.index.strategies import History, histories, queries

tried = settings(
    # The fixture makes a function, which nothing that an example does can change.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    # To explain a failure takes longer than a test may.
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
)


def view_of(history: History, make_index: Callable[[], Index]) -> View:
    """Write a catalog, looking at it after every write."""
    index, revision = make_index(), 0
    for changes in history.writes:
        revision += len(changes)
        index.apply(changes, revision)
        index.view()
    return index.view()


@tried
@given(history=histories(), data=st.data())
def test_a_view_finds_what_scoring_each_video_finds(
    history: History, data: st.DataObject, make_index: Callable[[], Index]
) -> None:
    view = view_of(history, make_index)
    for _ in range(4):
        check_same(view, history.videos, idf_of(view), *data.draw(queries(history.videos)))


@tried
@given(history=histories(st.integers(1, 25)), data=st.data())
def test_a_view_finds_the_same_beginning_for_every_limit(
    history: History, data: st.DataObject, make_index: Callable[[], Index]
) -> None:
    view = view_of(history, make_index)
    query = data.draw(queries(history.videos))
    check_every_limit(
        view,
        history.videos,
        idf_of(view),
        query.profile,
        query.now,
        query.allowed,
        query.excluded,
    )
