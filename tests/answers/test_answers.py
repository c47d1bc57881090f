"""The answers to fixed queries are those that were recorded: the same videos in the same order, to the last digit."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from matchcut_client import BatchProfile, MatchcutClient
from tests.answers.catalogs import CATALOGS, AskedCatalog, whole
from tests.answers.query import ask, statistics
from tests.answers.record import answers, recorded
from tests.answers.ways import WAYS, Way, served

EACH_CATALOG = pytest.mark.parametrize("catalog", CATALOGS, ids=lambda catalog: catalog.name)


@pytest.fixture(scope="module", params=list(WAYS.values()), ids=list(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    """A way to serve."""
    chosen: Way = request.param
    return chosen


@pytest.fixture(scope="module")
def clients(way: Way, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, MatchcutClient]]:
    """A client for each catalog, by name."""
    with served(way, CATALOGS, tmp_path_factory.mktemp("answers") / "data") as opened:
        yield opened


@EACH_CATALOG
def test_every_query_is_recorded_and_nothing_else_is(catalog: AskedCatalog) -> None:
    assert list(recorded(catalog)["answers"]) == list(catalog.queries)


@EACH_CATALOG
def test_a_catalog_counts_what_it_counted(catalog: AskedCatalog, clients: dict[str, MatchcutClient]) -> None:
    assert statistics(clients[catalog.name]) == recorded(catalog)["statistics"]


@pytest.mark.parametrize(
    "catalog, name",
    [pytest.param(catalog, name, id=f"{catalog.name}: {name}") for catalog in CATALOGS for name in catalog.queries],
)
def test_an_answer_is_the_recorded_one(catalog: AskedCatalog, name: str, clients: dict[str, MatchcutClient]) -> None:
    assert ask(clients[catalog.name], catalog.queries[name]) == recorded(catalog)["answers"][name]


@EACH_CATALOG
def test_batches_give_the_recorded_answers_too(catalog: AskedCatalog, clients: dict[str, MatchcutClient]) -> None:
    def options(name: str) -> str:
        return repr(catalog.queries[name].options)

    expected = recorded(catalog)["answers"]
    for _, names in groupby(sorted(catalog.queries, key=options), options):
        some = list(names)
        batch = clients[catalog.name].batch_recommend_videos(
            [BatchProfile(name, catalog.queries[name].interests) for name in some], **catalog.queries[some[0]].options
        )
        found = {one.key: [[hit.video_id, hit.score] for hit in one.recommendations] for one in batch.results}
        assert found == {name: [hit[:2] for hit in expected[name]["pages"][0]] for name in some}
        assert [list(one.missing_ids) for one in batch.results] == [expected[name]["missing_ids"] for name in some]


def test_whole_documents_give_the_answers_of_the_reduced_ones(way: Way, whole_documents: Path, tmp_path: Path) -> None:
    catalog = whole(whole_documents)
    with served(way, [catalog], tmp_path / "data") as opened:
        assert answers(catalog, opened[catalog.name]) == recorded(catalog)
