"""What newly matches standing interests, on the wire."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb
from matchcut_server.rpc import limits
from matchcut_server.rpc import matches as paging
from matchcut_server.rpc.deadline import Deadline
from matchcut_server.targeting import standing as matching
from matchcut_server.vectors.profile import Interest, make_profile
from tests import makers, naive
from tests.rpc.service import Service, failure, interests, keyword, serving, video
from tests.rpc.standing import drop, match_pages, matches, pairs, put, standing

FAR = 4_000_000_000
"""Unix seconds, long after now."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("data")) as served:
        yield served


def test_a_match_is_new_when_the_video_or_the_standing_interest_was_changed(service: Service) -> None:
    service.upsert(video("v1", "london"), video("v2", "rome"))
    put(service, standing("a", "london"), standing("b", "rome"))
    first = matches(service)
    assert pairs(first) == [("a", "v1"), ("b", "v2")]
    assert first.until_revision == first.index_revision

    assert pairs(matches(service, since_revision=first.until_revision)) == []
    (written,) = service.upsert(video("v3", "london", "rome"))
    second = matches(service, since_revision=first.until_revision)
    assert pairs(second) == [("a", "v3"), ("b", "v3")]
    assert [one.revision for one in second.matches] == [written.revision] * 2

    changed = put(service, standing("b", "rome", "paris")).revision
    third = matches(service, since_revision=second.until_revision)
    assert sorted(pairs(third)) == [("b", "v2"), ("b", "v3")]
    assert {one.revision for one in third.matches} == {changed}


def test_counting_all_matches_ends_when_nobody_waits(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.upsert(video("v", "london"))
    put(service, *(standing(f"s{number}", "london") for number in range(50)))
    times: list[float] = []
    monkeypatch.setattr(Deadline, "check", lambda _: times.append(0.0))
    assert matches(service, page_size=1, include_total=True).total_count == 50
    assert len(times) > 50


def test_a_video_is_looked_at_as_it_is_now(service: Service) -> None:
    put(service, standing("a", "london"))
    since = matches(service).until_revision
    service.upsert(video("often", "rome"))
    service.upsert(video("often", "london"))
    service.upsert(video("gone", "london"))
    service.upsert(video("other", "london"))
    service.upsert(video("other", "rome"))
    service.delete("gone")
    answer = matches(service, since_revision=since)
    assert pairs(answer) == [("a", "often")]
    service.update(video_pb.VideoMetadata(video_id="often", title="again"))
    assert pairs(matches(service, since_revision=answer.until_revision)) == [("a", "often")]


def test_videos_that_are_not_published_or_have_expired_match_too(service: Service) -> None:
    put(service, standing("a", "london"))
    coming = video("coming", "london", published_time=Timestamp(seconds=FAR))
    over = video("over", "london", expire_time=Timestamp(seconds=1))
    since = matches(service).until_revision
    service.upsert(coming, over, video("there", "london"))
    for after in (0, since):
        answer = matches(service, since_revision=after, include_metadata=True)
        assert sorted(pairs(answer)) == [("a", "coming"), ("a", "over"), ("a", "there")]
        assert [one.video_id for one in answer.videos] == ["coming", "over", "there"]
        assert answer.videos[0].published_time.seconds == FAR
        assert not any(one.keyword_sets for one in answer.videos)


def test_filters_scores_and_limits_hold(service: Service) -> None:
    drama = {"genre": types_pb.AttributeValues(values=["drama"])}
    service.upsert(
        video("v1", "london"),
        video("v2", "london", "rome", "paris", attributes=drama),
        video("v3", "london", "rome", attributes=drama),
    )
    only = types_pb.Condition(attribute=types_pb.AttributeCondition(name="genre", values=["drama"]))
    put(
        service,
        standing("all", "london"),
        standing("drama", "london", filter=types_pb.Filter(all_of=[only])),
        standing("strict", "london", min_score=0.99),
    )
    whole = matches(service, include_total=True)
    assert pairs(whole) == [
        *[("all", name) for name in ("v1", "v3", "v2")],
        *[("drama", name) for name in ("v3", "v2")],
        ("strict", "v1"),
    ]
    assert whole.total_count == 6
    best = matches(service, max_matches_per_standing_interest=1, include_total=True)
    assert pairs(best) == [("all", "v1"), ("drama", "v3"), ("strict", "v1")]
    assert best.total_count == 3


def test_named_ones_only(service: Service) -> None:
    service.upsert(video("v", "london"))
    put(service, *(standing(name, "london") for name in "abc"))
    assert pairs(matches(service, standing_interest_ids=["c", "a"])) == [("a", "v"), ("c", "v")]
    refused = failure(lambda: matches(service, standing_interest_ids=["a", "nobody"]))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "STANDING_INTEREST_NOT_FOUND")
    assert refused.metadata == {"catalog": "default", "standing_interest_id": "nobody"}


def test_a_revision_that_is_yet_to_come_is_refused(service: Service) -> None:
    newest = matches(service).until_revision
    refused = failure(lambda: matches(service, since_revision=newest + 1))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "REVISION_AHEAD")
    assert refused.metadata == {"since_revision": str(newest + 1), "revision": str(newest)}


def test_a_standing_interest_that_goes_between_pages_is_left_out(service: Service) -> None:
    service.upsert(*(video(name, "london") for name in "xyz"))
    put(service, *(standing(name, "london") for name in "abc"))
    pages = match_pages(service, page_size=2, standing_interest_ids=["a", "b", "c"])
    found = pairs(next(pages))
    drop(service, "a", "c")
    put(service, standing("b", "london=2"))
    for page in pages:
        found += pairs(page)
    assert found == [("a", "x"), ("a", "y")]  # and b is left to the next call


def test_interests_in_any_language_of_the_catalog_match(service: Service) -> None:
    """Also where the terms depend on languages that came after the standing interest."""
    put(service, standing("a", "Häuser"), standing("b", "Haus"))
    since = matches(service).until_revision
    service.upsert(video("v1", "Haus", language="en"))
    answer = matches(service, since_revision=since)
    assert pairs(answer) == [("b", "v1")]
    service.upsert(video("v2", "Haus", language="de"))
    assert pairs(matches(service, since_revision=answer.until_revision)) == [("a", "v2"), ("b", "v2")]


def test_settings_of_the_catalog_hold_and_a_change_of_them_changes_all_videos(service: Service) -> None:
    service.upsert(video("v", "london"))
    put(service, standing("a", "the big smoke"))
    first = matches(service)
    assert pairs(first) == []
    alias = catalog_pb.KeywordAlias(keyword="the big smoke", canonical="london")
    service.catalogs.UpdateCatalog(
        catalog_pb.UpdateCatalogRequest(name="default", settings=catalog_pb.CatalogSettings(keyword_aliases=[alias]))
    )
    assert pairs(matches(service, since_revision=first.until_revision)) == [("a", "v")]


# --- moments and promotions -------------------------------------------------------------------------------------------


def shown(text: str, *spans: tuple[float, float]) -> types_pb.Keyword:
    return keyword(text, 0.8, *spans)


def spans(match: pb.StandingMatch) -> list[tuple[float, float]]:
    return [(one.span.start_seconds, one.span.end_seconds) for one in match.moments]


def searched(service: Service, video_id: str, *keywords: str, **more: Any) -> list[search_pb.Moment]:
    """Search the moments of one video in which any of some keywords are on screen."""
    ids = types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=[video_id]))
    request = search_pb.SearchMomentsRequest(
        any_of=[
            search_pb.AskedKeyword(keyword=one.partition("=")[0], weight=float(one.partition("=")[2] or 1))
            for one in keywords
        ],
        filter=types_pb.Filter(all_of=[ids]),
        **more,
    )
    return list(service.send(request).moments)


def test_moments_of_interests_are_those_of_a_search_for_any_of_them(service: Service) -> None:
    tour = [shown("london", (0, 10), (40, 50)), shown("boat trip", (45, 60)), shown("rome", (80, 90))]
    service.upsert(video("v", *tour, duration_seconds=100), video("w", "london"))
    put(service, standing("a", "london=2", "trip", "rome=-1", "London"))
    for explain in (False, True):
        first, other = matches(service, explain=explain).matches
        if first.video_id == "w":
            first, other = other, first
        assert list(first.moments) == searched(service, "v", "london=2", "trip", explain=explain)
        assert spans(first) == [(40, 60), (0, 10)]
        assert spans(other) == [(0, 10)]
        assert bool(first.moments[0].matched_keywords) == explain
    by_video = {one.video_id: one for one in matches(service, max_moments_per_match=1).matches}
    assert spans(by_video["v"]) == [(40, 60)]
    assert not any(one.moments for one in matches(service, max_moments_per_match=0).matches)


def test_a_match_without_moments_is_a_match(service: Service) -> None:
    """Keywords without instances have no time."""
    service.upsert(video("v", types_pb.Keyword(text="london")))
    put(service, standing("a", "london"))
    (match,) = matches(service).matches
    assert (match.video_id, list(match.moments)) == ("v", [])


def promoted(*keywords: str, seeds: Sequence[str] = (), **rules: Any) -> pb.Promotion:
    return pb.Promotion(
        promotion_id="p",
        interests=interests(*keywords).interests,
        seeds=[recommendation_pb.VideoSeed(video_id=one) for one in seeds],
        rules=pb.PlacementRules(**rules),
    )


def test_a_promotion_matches_videos_with_placements_and_these_are_the_moments(service: Service) -> None:
    service.upsert(
        video("v1", shown("boat", (0, 10), (40, 50)), shown("rome", (44, 60)), duration_seconds=100),
        video("v2", shown("boat", (0, 4)), duration_seconds=100),
        video("v3", shown("rome", (0, 4)), duration_seconds=100),
    )
    promotion = promoted("boat", skip_first_seconds=5)
    put(service, standing("a", promotion=promotion))
    (match,) = matches(service, explain=True).matches
    (placement,) = service.send(
        pb.MatchPromotionsRequest(
            video_id="v1", promotions=[promotion], rules=pb.PlacementRules(min_distance_seconds=0), explain=True
        )
    ).placements
    assert (match.video_id, match.score) == ("v1", placement.moment.score)
    assert list(match.moments) == [placement.moment]
    assert match.moments[0].span.start_seconds == placement.slot_seconds == 40


def test_a_promotion_is_held_against_videos_that_changed_and_all_when_it_changed(service: Service) -> None:
    coming = Timestamp(seconds=FAR)
    service.upsert(video("v1", "boat"), video("v2", "boat", "rome", published_time=coming), video("seed", "boat"))
    put(service, standing("a", promotion=promoted("boat")), standing("b", promotion=promoted(seeds=["seed"])))
    first = matches(service)
    assert sorted(pairs(first)) == [("a", "seed"), ("a", "v1"), ("a", "v2"), ("b", "v1"), ("b", "v2")]

    service.upsert(video("v3", "boat", "london"), video("v4", "london"))
    second = matches(service, since_revision=first.until_revision, include_total=True)
    assert pairs(second) == [("a", "v3"), ("b", "v3")]
    assert second.total_count == 2
    assert second.matches[0].score == second.matches[0].moments[0].score

    put(service, standing("a", promotion=promoted("boat", max_placements=1), min_score=0.9))
    third = matches(service, since_revision=second.until_revision)
    assert sorted(pairs(third)) == [("a", "seed"), ("a", "v1")]  # a limit over all videos has no effect


@pytest.mark.parametrize("many", [False, True])
def test_the_filters_of_a_promotion_and_of_its_standing_interest_both_hold(
    service: Service, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MANY_VIDEOS", 0 if many else 20_000)

    def never(video_id: str) -> types_pb.Filter:
        condition = types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=[video_id]))
        return types_pb.Filter(none_of=[condition])

    promotion = promoted("boat", filter=never("v1"), excluded_keywords=[search_pb.AskedKeyword(keyword="war")])
    put(service, standing("a", promotion=promotion, filter=never("v2")))
    since = matches(service).until_revision
    service.upsert(*(video(name, "boat") for name in ("v1", "v2", "v3")), video("v4", "boat", "war"))
    assert pairs(matches(service, since_revision=since)) == [("a", "v3")]
    assert pairs(matches(service)) == [("a", "v3")]


# --- laws -------------------------------------------------------------------------------------------------------------

WORDS = ["london", "rome", "film", "film festival", "boat trip", "new york"]
VIDEOS, STANDING = ["v1", "v2", "v3", "v4", "v5"], ["a", "b", "c", "d"]
DURATION = 100.0


class Looked(NamedTuple):
    """What a standing interest of the model looks for."""

    interests: dict[str, float]
    min_score: float
    not_in: str
    """A video that its filter does not allow; empty: none."""


class Model:
    """What a catalog holds, in dictionaries, with revisions as the server told them."""

    def __init__(self, service: Service, catalog: str) -> None:
        self.service = service
        self.catalog = catalog
        self.videos: dict[str, tuple[tuple[str, ...], int]] = {}
        self.standing: dict[str, tuple[Looked, int]] = {}
        service.send(catalog_pb.CreateCatalogRequest(name=catalog))

    def write(self, step: Any) -> None:
        kind, name, content = step
        if kind == "video":
            published = Timestamp(seconds=FAR) if len(content) % 2 else None
            message = video(name, *content, duration_seconds=DURATION, published_time=published)
            (result,) = self.service.upsert(message, catalog=self.catalog)
            self.videos[name] = (content, result.revision)
        elif kind == "gone":
            request = video_pb.DeleteVideosRequest(catalog=self.catalog, video_ids=[name])
            self.service.videos.DeleteVideos(request)
            self.videos.pop(name, None)
        elif kind == "standing":
            self.put(name, content)
        else:
            drop(self.service, name, catalog=self.catalog)
            self.standing.pop(name, None)

    def put(self, name: str, looked: Looked) -> None:
        ids = types_pb.VideoIds(video_ids=[looked.not_in])
        none_of = [types_pb.Condition(video_ids=ids)] if looked.not_in else []
        item = standing(
            name,
            *(f"{keyword}={weight}" for keyword, weight in looked.interests.items()),
            min_score=looked.min_score,
            filter=types_pb.Filter(none_of=none_of),
        )
        (result,) = put(self.service, item, catalog=self.catalog).results
        self.standing[name] = (looked, result.revision)

    def expected(self, since: int) -> list[tuple[str, str, float, int]]:
        """Count anew what matches and is new: standing interest, video, score and revision."""
        contents = {
            name: makers.indexed(
                makers.video(
                    name, *(makers.keyword(one, (0, 10), confidence=0.8) for one in content), duration=DURATION
                )
            )
            for name, (content, _) in self.videos.items()
        }
        idf = naive.live_idf(contents.values())
        found = []
        for name in sorted(self.standing):
            looked, revision = self.standing[name]
            given_interests = [Interest(keyword, weight) for keyword, weight in looked.interests.items()]
            profile = make_profile(given_interests, ["en-US"], lambda *_: True, makers.DEFAULTS)
            hits = naive.search(
                contents.values(), idf, profile, 1_000, None, excluded={looked.not_in}, least=looked.min_score
            )
            for hit in hits:
                newest = max(revision, self.videos[hit.video_id][1])
                if newest > since:
                    found.append((name, hit.video_id, hit.score, newest))
        return found


keyword_lists = st.lists(st.sampled_from(WORDS), max_size=4, unique=True).map(tuple)
looked_for = st.builds(
    Looked,
    st.dictionaries(st.sampled_from(WORDS), st.sampled_from([1.0, 2.0, 0.5, -1.0]), min_size=1, max_size=3),
    st.sampled_from([0.0, 0.0, 0.3, 0.7]),
    st.sampled_from(["", "", "v1"]),
)
steps = st.one_of(
    st.tuples(st.just("video"), st.sampled_from(VIDEOS), keyword_lists),
    st.tuples(st.just("video"), st.sampled_from(VIDEOS), keyword_lists),
    st.tuples(st.just("standing"), st.sampled_from(STANDING), looked_for),
    st.tuples(st.just("gone"), st.sampled_from(VIDEOS), st.none()),
    st.tuples(st.just("dropped"), st.sampled_from(STANDING), st.none()),
)
polls = st.lists(st.lists(steps, max_size=6), min_size=1, max_size=5)
"""Writes between one poll and the next."""
_numbers = itertools.count()


def told(answer: pb.ListMatchesResponse) -> list[tuple[str, str, float, int]]:
    return [(one.standing_interest_id, one.video_id, one.score, one.revision) for one in answer.matches]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=polls, many=st.booleans())
def test_polling_tells_of_every_match_exactly_when_it_becomes_new(
    shared: Service, history: list[list[Any]], many: bool
) -> None:
    """`many`: whether the changed videos are picked out of all instead of searched alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "MANY_VIDEOS", 0 if many else 20_000)
        model = Model(shared, f"poll-{next(_numbers)}")
        since = 0
        for writes in history:
            for step in writes:
                model.write(step)
            answer = matches(shared, catalog=model.catalog, since_revision=since, include_total=True)
            expected = model.expected(since)
            assert told(answer) == expected
            assert answer.total_count == len(expected)
            since = answer.until_revision
        assert told(matches(shared, catalog=model.catalog)) == model.expected(0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=polls, size=st.integers(1, 4), most=st.sampled_from([0, 0, 1, 2]), hashes=st.sampled_from([0, 2, 4_000]))
def test_pages_together_are_one_big_page(
    shared: Service, history: list[list[Any]], size: int, most: int, hashes: int
) -> None:
    """`hashes`: how many matches of a standing interest a token names one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "_MAX_HASHES", hashes)
        model = Model(shared, f"pages-{next(_numbers)}")
        since = 0
        for number, writes in enumerate(history):
            for step in writes:
                model.write(step)
            asked = {
                "catalog": model.catalog,
                "since_revision": since,
                "max_matches_per_standing_interest": most,
                "include_total": bool(number % 2),
            }
            whole = matches(shared, **asked)
            parts = list(match_pages(shared, page_size=size, **asked))
            assert [one for part in parts for one in told(part)] == told(whole)
            assert all(len(part.matches) == size for part in parts[:-1])
            assert {part.until_revision for part in parts} == {whole.until_revision}
            assert {part.total_count for part in parts} == {len(whole.matches) if number % 2 else 0}
            if number % 2 == 0:
                since = whole.until_revision


def test_a_match_that_a_write_moves_before_the_cut_is_on_the_next_page(service: Service) -> None:
    """Rome becomes rare while the pages are asked for, so that its video then scores more than the first one did."""
    service.upsert(video("first", "london", "boat"), video("moved", "rome"))
    service.upsert(*(video(f"rome-{number}", "rome", f"other-{number}") for number in range(10)))
    put(service, standing("a", "london", "rome"))
    pages = match_pages(service, page_size=1)
    first = next(pages)
    assert pairs(first) == [("a", "first")]
    service.delete(*(f"rome-{number}" for number in range(10)))
    service.upsert(*(video(f"london-{number}", "london", f"other-{number}") for number in range(10)))
    second = next(pages)
    assert pairs(second) == [("a", "moved")]
    assert second.matches[0].score > first.matches[0].score
    assert list(pages) == []


def test_a_page_that_would_be_too_large_or_too_late_ends_early(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.upsert(*(video(f"v{number}", "london", title="t" * 100) for number in range(5)))
    put(service, *(standing(name, "london") for name in "abc"))
    whole = told(matches(service))
    asked = {"explain": True, "include_metadata": True}
    for limit, least, most in ((1, 1, 1), (1_500, 3, 6)):
        monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", limit)
        parts = list(match_pages(service, **asked))
        assert [one for part in parts for one in told(part)] == whole
        sizes = [len(part.matches) for part in parts]
        assert (min(sizes), max(sizes)) == (least, most)
        assert all(part.ByteSize() <= limit + 400 for part in parts if limit > 1)  # with its token
        assert all([one.video_id for one in part.videos] == sorted({v for _, v in pairs(part)}) for part in parts)
        assert all(one.moments or limit == 1 for part in parts for one in part.matches)
    monkeypatch.undo()
    monkeypatch.setattr(Deadline, "is_near", lambda _: True)
    parts = list(match_pages(service))
    assert [one for part in parts for one in told(part)] == whole
    assert len(parts) == 3


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=polls, first=st.lists(steps, min_size=8, max_size=20), size=st.integers(1, 3))
def test_no_match_is_lost_or_repeated_whatever_is_written_between_pages(
    shared: Service, history: list[list[Any]], first: list[Any], size: int
) -> None:
    """What was not changed since the first page is on exactly one page, what was is in the next call."""
    model = Model(shared, f"between-{next(_numbers)}")
    for step in first:
        model.write(step)
    before = model.expected(0)
    found: list[tuple[str, str]] = []
    writes = iter(history)
    until = 0
    for page in match_pages(shared, catalog=model.catalog, page_size=size):
        until = page.until_revision
        found += pairs(page)
        for step in next(writes, ()):
            model.write(step)
    assert len(found) == len(set(found))
    assert set(found) <= {(name, video_id) for name, video_id, _, _ in before}
    same = {
        (name, video_id)
        for name, video_id, _, _ in before
        if name in model.standing
        and model.standing[name][1] <= until
        and video_id in model.videos
        and model.videos[video_id][1] <= until
        and not _may_have_moved(model, name)
    }
    assert same <= set(found)
    assert told(matches(shared, catalog=model.catalog, since_revision=until)) == model.expected(until)


def _may_have_moved(model: Model, name: str) -> bool:
    """Tell whether what others hold decides if a video matches at all, not only how well."""
    looked, _ = model.standing[name]
    return looked.min_score > 0 or any(weight < 0 for weight in looked.interests.values())
