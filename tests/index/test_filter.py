"""Filters, condition by condition, and all together against a test of each video alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index.columns import FactColumns as Columns
from matchcut_server.index.filter import (
    Condition,
    DurationBetween,
    Filter,
    HasAttribute,
    HasId,
    HasLanguage,
    PublishedBetween,
)
from matchcut_server.vectors.video import IndexedVideo, VideoFacts
from tests import naive
from tests.index.strategies import FILTERS, videos

VIDEOS = [
    VideoFacts("plain"),
    VideoFacts("english", languages=("en-US",)),
    VideoFacts("british", languages=("en-GB", "fr")),
    VideoFacts("films", attributes={"topic": ("film", "art"), "region": ("uk",)}),
    VideoFacts("sport", attributes={"topic": ("sport",)}),
    VideoFacts("short", duration=10.0),
    VideoFacts("long", duration=3600.0),
    VideoFacts("old", published_time=-5.0),
    VideoFacts("new", published_time=1000.0),
]


def allowed(condition: Filter) -> list[str]:
    mask = condition.mask(Columns(VIDEOS))
    return [video.video_id for video, is_allowed in zip(VIDEOS, mask.tolist(), strict=True) if is_allowed]


@pytest.mark.parametrize(
    "condition, expected",
    [
        (HasLanguage("en"), ["english", "british"]),
        (HasLanguage("en-US"), ["english"]),
        (HasLanguage("fr"), ["british"]),
        (HasLanguage("fr-FR"), []),
        (HasLanguage("e"), []),
        (HasAttribute("topic", ("film",)), ["films"]),
        (HasAttribute("topic", ("sport", "art")), ["films", "sport"]),
        (HasAttribute("topic"), ["films", "sport"]),
        (HasAttribute("topic", ("Film",)), []),
        (HasAttribute("none"), []),
        (DurationBetween(10.0, 3600.0), ["short", "long"]),
        (DurationBetween(10.5, None), ["long"]),
        (DurationBetween(None, 3599.0), ["short"]),
        (DurationBetween(0.0, None), ["short", "long"]),
        (PublishedBetween(-5.0, 1000.0), ["old"]),
        (PublishedBetween(-4.0, None), ["new"]),
        (PublishedBetween(None, 1000.5), ["old", "new"]),
        (HasId(frozenset({"short", "sport", "nobody"})), ["sport", "short"]),
        (HasId(frozenset()), []),
    ],
)
def test_a_condition_holds_for_these_videos(condition: Condition, expected: list[str]) -> None:
    assert allowed(Filter(all_of=(condition,))) == expected
    assert allowed(Filter(any_of=(condition,))) == expected
    assert allowed(Filter(none_of=(condition,))) == [one.video_id for one in VIDEOS if one.video_id not in expected]


def test_an_empty_filter_allows_everything() -> None:
    assert allowed(Filter()) == [one.video_id for one in VIDEOS]


def test_all_any_and_none_are_combined() -> None:
    condition = Filter(
        all_of=(HasAttribute("topic"),),
        any_of=(HasAttribute("region", ("uk",)), HasId(frozenset({"sport"})), HasId(frozenset({"plain"}))),
        none_of=(HasAttribute("topic", ("art",)),),
    )

    assert allowed(condition) == ["sport"]


@given(st.lists(videos(), max_size=6, unique_by=lambda video: video.facts.video_id), FILTERS)
def test_a_filter_allows_what_it_allows_one_by_one(catalog: list[IndexedVideo], condition: Filter) -> None:
    facts = [video.facts for video in catalog]

    assert condition.mask(Columns(facts)).tolist() == [naive.allows(condition, one) for one in facts]
