"""Similar videos."""

from collections.abc import Iterator

import grpc
import pytest

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb
from tests.cli.command import EXAMPLES
from tests.rpc.service import Service, event, failure, ids, serving, video

COPIES = ["rolls-royce-derby-testbed", "rolls-royce-derby-testbed-copy"]


@pytest.fixture
def cities(service: Service) -> Service:
    service.upsert(
        video("london", "london", title="London"),
        video("london rome", "london", "rome"),
        video("paris", "paris"),
        video("paris rome", "paris", "rome"),
        video("rome", "rome"),
        video("bare"),
    )
    return service


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with the example catalog, for tests that only read."""
    with serving(tmp_path_factory.mktemp("examples")) as service:
        paths = sorted(EXAMPLES.glob("*.json"))
        service.imports(*(video_pb.VideoIndex(content=path.read_bytes(), video_id=path.stem) for path in paths))
        yield service


def test_what_shares_keywords_with_a_video_is_similar_to_it(cities: Service) -> None:
    answer = cities.similar("rome", explain=True, include_metadata=True)
    assert ids(answer) == ["london rome", "paris rome"]
    assert (answer.fallback, answer.ranked_candidates, answer.next_page_token) == (pb.FALLBACK_NONE, 0, "")
    assert 0 < len(answer.recommendation_id) <= 512
    for one in answer.recommendations:
        assert one.origin == pb.RECOMMENDATION_ORIGIN_MATCH
        (matched,) = one.explanation.matched_keywords
        assert (matched.keyword, list(matched.interests)) == ("rome", [])
        assert matched.share == pytest.approx(one.score, abs=1e-6)
        assert one.video.video_id == one.video_id


def test_several_seeds_count_by_their_weights(cities: Service) -> None:
    assert ids(cities.similar("london", "paris")) == ["london rome", "paris rome"]
    assert ids(cities.similar("london", "paris=2")) == ["paris rome", "london rome"]
    assert ids(cities.similar("london=5e-300", "paris=1e-299")) == ["paris rome", "london rome"]
    assert ids(cities.similar("london", "paris=0")) == ["london rome"]
    assert ids(cities.similar("rome", "paris=-1")) == ["london rome"]
    assert ids(cities.similar("rome=-1")) == []


def test_a_seed_given_twice_counts_twice(cities: Service) -> None:
    assert ids(cities.similar("london", "paris", "paris")) == ids(cities.similar("london", "paris=2"))


def test_seeds_are_never_returned_and_unknown_ones_are_reported(cities: Service) -> None:
    pinned = scenario_pb.PinnedVideoList(videos=[scenario_pb.PinnedVideo(video_id="rome")])
    settings = scenario_pb.RankingSettings(fallback_allowed=True, pinned_videos=pinned)
    answer = cities.similar("rome", "gone", "gone", "bare", exclude_ids=["nowhere", "paris"], ranking=settings)
    assert ids(answer) == ["london rome", "paris rome", "london"]
    assert list(answer.missing_ids) == ["gone", "nowhere"]
    assert answer.fallback == pb.FALLBACK_TOO_FEW_MATCHES


def test_seeds_without_a_keyword_are_similar_to_nothing(cities: Service) -> None:
    for seed in ("bare", "gone"):
        answer = cities.similar(seed)
        assert (ids(answer), answer.fallback, answer.next_page_token) == ([], pb.FALLBACK_NONE, "")
    filled = cities.similar("bare", ranking=scenario_pb.RankingSettings(fallback_allowed=True))
    assert (ids(filled)[0], filled.fallback) == ("london", pb.FALLBACK_EMPTY_PROFILE)


def test_a_filter_and_a_least_score_hold(cities: Service) -> None:
    allowed = types_pb.Filter(none_of=[types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=["london rome"]))])
    assert ids(cities.similar("rome", filter=allowed)) == ["paris rome"]
    scores = [one.score for one in cities.similar("rome", "paris").recommendations]
    assert ids(cities.similar("rome", "paris", min_score=scores[0])) == ["paris rome"]


def test_what_the_user_has_seen_or_hidden_is_left_out(cities: Service) -> None:
    cities.record(event("1", video_id="london rome"), event("2", "bob", "paris rome", "HIDE"))
    assert ids(cities.similar("rome", user_id="ada")) == ["paris rome"]
    assert ids(cities.similar("rome", user_id="bob")) == ["london rome"]
    assert ids(cities.similar("rome", user_id="nobody")) == ["london rome", "paris rome"]


def test_seeds_are_those_of_the_newest_catalog(cities: Service) -> None:
    cities.upsert(video("new", "paris"))
    assert ids(cities.similar("new")) == ["paris", "paris rome"]
    cities.upsert(video("new", "rome"))
    assert ids(cities.similar("new"))[0] == "rome"
    cities.delete("new")
    assert list(cities.similar("new").missing_ids) == ["new"]


# --- near-duplicates --------------------------------------------------------------------------------------------------


def test_the_same_media_indexed_twice_is_one_result(examples: Service) -> None:
    """The two are the same test bed; which of them comes is the one with the better score, or the first by id."""
    found = ids(examples.similar("rolls-royce-apprentices", page_size=50))
    kept = ids(examples.similar("rolls-royce-apprentices", page_size=50, include_near_duplicates=True))
    assert [one for one in kept if one in COPIES] == COPIES
    assert [one for one in found if one in COPIES] == COPIES[:1]
    assert [one for one in kept if one != COPIES[1]] == found


@pytest.mark.parametrize("seed, copy", [COPIES, COPIES[::-1]])
def test_no_near_duplicate_of_a_seed_is_returned_unless_it_is_asked_for(
    examples: Service, seed: str, copy: str
) -> None:
    fill = scenario_pb.RankingSettings(fallback_allowed=True)
    assert copy not in ids(examples.similar(seed, page_size=1_000, ranking=fill))
    assert ids(examples.similar(seed, include_near_duplicates=True))[0] == copy


@pytest.mark.parametrize("size", [1, 2, 5])
def test_no_near_duplicate_comes_on_a_later_page(examples: Service, size: int) -> None:
    whole = ids(examples.similar("rolls-royce-apprentices", page_size=1_000))
    found: list[str] = []
    token = ""
    for _ in range(len(whole) // size + 1):
        answer = examples.similar("rolls-royce-apprentices", page_size=size, page_token=token)
        found += ids(answer)
        token = answer.next_page_token
        if not token:
            break
    assert found == whole
    assert COPIES[0] in found


def test_no_near_duplicate_stands_beside_a_pinned_video(examples: Service) -> None:
    pinned = scenario_pb.PinnedVideoList(videos=[scenario_pb.PinnedVideo(video_id=COPIES[1])])
    found = ids(
        examples.similar(
            "rolls-royce-apprentices", page_size=50, ranking=scenario_pb.RankingSettings(pinned_videos=pinned)
        )
    )
    assert [one for one in found if one in COPIES] == [COPIES[1]]


def test_interests_find_both(examples: Service) -> None:
    """It is only of similar videos that near-duplicates are no use."""
    assert set(COPIES) <= set(examples.recommended("rolls-royce", "test bed", page_size=50))


# --- pages -----------------------------------------------------------------------------------------------------------


def test_pages_of_similar_videos_make_up_the_list(examples: Service) -> None:
    whole = ids(examples.similar("hitchcock-london", "pinewood-stages=2", page_size=1_000))
    first = examples.similar("hitchcock-london", "pinewood-stages=2", page_size=10)
    second = examples.similar(
        "hitchcock-london", "pinewood-stages=2", page_size=1_000, page_token=first.next_page_token
    )
    assert ids(first) + ids(second) == whole
    assert len(whole) > 20


def test_a_token_of_other_seeds_or_options_is_refused(cities: Service) -> None:
    token = cities.similar("rome", page_size=1).next_page_token
    for call in (
        lambda: cities.similar("rome=2", page_token=token),
        lambda: cities.similar("rome", "paris", page_token=token),
        lambda: cities.similar("rome", page_token=token, include_near_duplicates=True),
        lambda: cities.similar("rome", page_token=token, user_id="ada"),
        lambda: cities.recommend("rome", page_token=token),
    ):
        refused = failure(call)
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
