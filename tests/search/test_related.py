"""Related keywords, against counting each pair video by video."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from matchcut_server.index.filter import Filter
from matchcut_server.insights.model import Video
from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from matchcut_server.search.related import MAX_SPELLED, Related, log_likelihood_ratio, related_keywords, spelled
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import keyword, keyword_set, video
from tests.search import recount
from tests.search.library import ASKED, FILTERS, MOMENTS, SETTINGS, Library, Shelf, shelf, videos


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with shelf(tmp_path_factory.mktemp("store")) as opened:
        yield opened


class Counted(NamedTuple):
    """A related keyword, counted video by video."""

    together: int
    videos: int
    significance: float
    lift: float


def counted(
    asked: AskedKeyword,
    within: float | None,
    least: int,
    library: Library,
    now: float | None,
    allowed: Filter | None,
) -> tuple[int, dict[int, Counted]]:
    """Return the videos with the asked keyword, and the related keywords by key."""
    catalog_settings = library.catalog.settings
    languages = {own.language for one in library.videos for own in one.keyword_sets}

    def is_asked(known: recount.Known) -> bool:
        return recount.matches(asked, known, languages, catalog_settings)

    def near(known: recount.Known, other: recount.Known) -> bool:
        return within is None or any(
            max(start - last, first - end) <= within + 1e-9 for start, end in known.spans for first, last in other.spans
        )

    there = [recount.known_sets(one, catalog_settings) for one in recount.allowed_videos(library.videos, now, allowed)]
    there = [sets for sets in there if sets]
    with_asked = [sets for sets in there if any(is_asked(known) for own in sets for known in own)]
    phrases = {known.phrase for sets in there for own in sets for known in own if not is_asked(known)}
    phrases -= {known.phrase for sets in there for own in sets for known in own if is_asked(known)}
    found = {}
    for phrase in phrases:
        having = [sets for sets in there if any(known.phrase == phrase for own in sets for known in own)]
        together = sum(
            any(
                known.phrase == phrase and any(is_asked(other) and near(known, other) for other in own)
                for own in sets
                for known in own
            )
            for sets in with_asked
        )
        both, total = together, len(there)
        if both >= least and both * total > len(having) * len(with_asked):
            table = [
                [both, len(with_asked) - both],
                [len(having) - both, total - len(having) - len(with_asked) + both],
            ]
            ratio = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
            lift = both * total / len(having) / len(with_asked)
            found[term_key("phrases", phrase)] = Counted(both, len(having), ratio, lift)
    return len(with_asked), found


def told(related: Related) -> dict[int, Counted]:
    columns = (related.together, related.videos, related.significance, related.lift)
    return {
        key: Counted(*own)
        for key, *own in zip(related.keys.tolist(), *(column.tolist() for column in columns), strict=True)
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    catalog=videos(10),
    asked=ASKED,
    within=st.sampled_from([None, None, 0.0, 0.1, 1.5, 2.4, 20.0]),
    least=st.integers(1, 3),
    of=SETTINGS,
    now=MOMENTS,
    allowed=FILTERS,
    built=st.integers(0, 10),
)
def test_related_keywords_are_those_of_a_recount(
    made: Shelf,
    *,
    catalog: list[Video],
    asked: AskedKeyword,
    within: float | None,
    least: int,
    of: CatalogSettings,
    now: float | None,
    allowed: Filter | None,
    built: int,
) -> None:
    library = made.library(*catalog, settings=of, built=built)
    [sought] = library.seek(asked)
    asked_videos, expected = counted(asked, within, least, library, now, allowed)
    for scope in library.scopes(now, allowed):
        related = related_keywords(sought, within, least, scope)
        found = told(related)
        assert related.asked_videos == asked_videos
        assert found.keys() == expected.keys()
        for key, own in found.items():
            assert own[:2] == expected[key][:2]
            assert own[2:] == pytest.approx(expected[key][2:], abs=1e-6)
        order = [(-own.significance, key) for key, own in found.items()]
        assert order == sorted(order)
        for place, (_, key) in enumerate(order):
            assert related.after(found[key].significance, key) == place + 1


def test_the_ratio_is_that_of_a_known_example() -> None:
    """Dunning's table 1 has 270.72 for `the swiss` with counts 110, 2442, 111 and 29114."""
    [ratio] = log_likelihood_ratio(np.array([110]), 110 + 2442, np.array([110 + 111]), 110 + 2442 + 111 + 29114)
    assert ratio == pytest.approx(270.72, abs=0.005)


def test_keywords_together_are_in_one_keyword_set_and_with_a_window_near_each_other(made: Shelf) -> None:
    def of(video_id: str, start: float) -> Video:
        return video(video_id, keyword("film", (0, 10)), keyword("star", (start, start + 1)))

    apart = video("apart", keyword_set("de-DE", "film"), keyword_set("en-US", "star"))
    library = made.library(of("a", 5), of("b", 10), of("c", 12), apart, *(video(f"v{i}", "sea") for i in range(9)))
    for asked in ("film", "star"):  # which of them comes first makes no difference
        [sought] = library.seek(asked)
        found = [related_keywords(sought, within, 1, library.scope()).together.tolist() for within in (None, 0, 1.9, 2)]
        assert found == [[3], [2], [2], [3]]  # where one ends, the other begins: that is at the same time


def test_keywords_without_instances_are_near_nothing(made: Shelf) -> None:
    library = made.library(*(video(name, keyword("film"), keyword("star", (0, 9))) for name in "ab"), video("c", "sea"))
    [sought] = library.seek("film")
    assert len(related_keywords(sought, None, 2, library.scope()).keys) == 1
    assert len(related_keywords(sought, 86_400, 2, library.scope()).keys) == 0


def test_what_is_asked_for_is_not_related_to_itself(made: Shelf) -> None:
    library = made.library(*(video(name, "film", "film star", "star") for name in "ab"), video("c", "sea"))
    scope = library.scope()

    def names(asked: AskedKeyword) -> set[str]:
        [sought] = library.seek(asked)
        keys = related_keywords(sought, None, 2, scope).keys.tolist()
        return {one.keyword for one in spelled(keys, scope).values()}

    assert names(AskedKeyword("film")) == {"star"}
    assert names(AskedKeyword("film", KeywordMatch.EXACT)) == {"film star", "star"}


def test_the_first_keyword_sets_decide_how_a_keyword_is_spelled(made: Shelf) -> None:
    texts = ["Stars", *["star"] * 9, *["STAR"] * 10, *["Star"] * 30]
    library = made.library(*(video(f"v{i:02}", text) for i, text in enumerate(texts)), built=len(texts))
    key = term_key("phrases", "star")
    scope = library._replace(views=library.views[1:]).scope()
    assert spelled([key], scope)[key] == ("STAR", "en-US", MAX_SPELLED)
    both = spelled([key, term_key("phrases", "moon")], scope)
    assert both == {key: ("STAR", "en-US", MAX_SPELLED)}
