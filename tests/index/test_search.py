"""What every index answers: order, ties, limits, who may be seen."""

import math
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import numpy as np
import pytest

from matchcut_server.index.filter import Filter, HasId, HasLanguage
from matchcut_server.index.port import Hit, Index, rounded
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import KeywordVector
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo, Removal, VideoFacts
from matchcut_server.vectors.weighting import BLOCKS
from tests import naive
from tests.index.generations import ranking_idf
from tests.index.laws import idf_of, keys_by_id
from tests.index.strategies import BoostById, vector, zipf_profile, zipf_vector

NOW = 100.0
FILM = Profile({"film": 1.0}, {"film": 1.0})


def about(*words: str, language: str = "en") -> KeywordVector:
    """Make the vector of keywords of one word each, all of equal weight."""
    return vector(language, dict.fromkeys(words, 1.0), dict.fromkeys(words, 1.0))


def one(
    video_id: str, *vectors: KeywordVector, published: float | None = None, expire: float | None = None
) -> IndexedVideo:
    facts = VideoFacts(video_id, 60.0, published, expire, {}, tuple(own.language for own in vectors))
    return IndexedVideo(facts, vectors)


def ids(hits: list[Hit]) -> list[str]:
    return [hit.video_id for hit in hits]


def test_an_empty_index_finds_nothing(index: Index) -> None:
    assert index.view().search(FILM, 10, NOW) == []
    assert index.view().statistics.videos == 0
    assert index.view().revision == 0


def test_an_empty_profile_finds_nothing(index: Index) -> None:
    index.apply([one("a", about("film"))], 1)

    assert index.view().search(Profile(), 10, NOW) == []


def test_a_video_that_is_the_profile_scores_one_and_one_that_shares_nothing_is_not_found(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("boat"))], 2)

    assert index.view().search(FILM, 10, NOW) == [Hit("a", 1.0, "en")]


def test_an_interest_nothing_has_makes_a_match_partial(index: Index) -> None:
    videos = [one("a", about("film")), one("b", about("boat"))]
    index.apply(videos, 2)

    (hit,) = index.view().search(Profile({"film": 1.0, "x": 1.0}, {"film": 1.0, "x": 1.0}), 10, NOW)

    idf = ranking_idf(index, videos)
    known, unknown = (idf("words", term_key("words", word)) for word in ("film", "x"))
    assert hit.score == pytest.approx(known / np.hypot(known, unknown), abs=1e-6)


def test_a_video_found_by_its_words_alone_scores_half(index: Index) -> None:
    index.apply([one("a", vector("en", {"film festiv": 1.0}, {"film": 1.0}))], 1)

    assert index.view().search(FILM, 10, NOW) == [Hit("a", 0.5, "en")]
    assert index.view().search(Profile({}, {"film": 1.0}), 10, NOW) == [Hit("a", 0.707107, "en")]


def test_negative_interests_push_away_and_alone_find_nothing(index: Index) -> None:
    index.apply([one("a", about("film", "war")), one("b", about("film", "love")), one("c", about("war"))], 3)
    peaceful = Profile({"film": 1.0, "war": -0.5}, {"film": 1.0, "war": -0.5})

    assert ids(index.view().search(peaceful, 10, NOW)) == ["b", "a"]
    assert index.view().search(Profile({"war": -1.0}, {"war": -1.0}), 10, NOW) == []


def test_equal_scores_are_ordered_by_the_bytes_of_the_id(index: Index) -> None:
    names = ["b", "a", "é", "Z", "10", "9", "aa", "映"]
    index.apply([one(name, about("film")) for name in names], len(names))

    assert ids(index.view().search(FILM, 100, NOW)) == sorted(names, key=str.encode)


def test_a_limit_amid_equal_scores_takes_the_first_ids(index: Index) -> None:
    names = [f"{i:03}" for i in range(50)]
    for revision, name in enumerate(reversed(names), start=1):
        index.apply([one(name, about("film", "boat"))], revision)
        index.view()
    index.apply([one("best", about("film"))], 51)

    assert ids(index.view().search(FILM, 8, NOW)) == ["best", *names[:7]]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7])
def test_a_limit_takes_the_first_ids_whatever_the_order_of_writing(limit: int, index: Index) -> None:
    index.apply([one(name, about("film", "boat")) for name in "dbgaefc"], 7)

    assert ids(index.view().search(FILM, limit, NOW)) == list("abcdefg")[:limit]


def test_scores_that_differ_by_less_than_a_millionth_are_equal(index: Index) -> None:
    index.apply([one("b", about("film")), one("a", vector("en", {"film": 1.0}, {"film": 1.0, "rare": 1e-4}))], 2)

    assert index.view().search(FILM, 2, NOW) == [Hit("a", 1.0, "en"), Hit("b", 1.0, "en")]
    assert index.view().search(FILM, 1, NOW) == [Hit("a", 1.0, "en")]


def test_a_score_that_rounds_to_nothing_is_no_match(index: Index) -> None:
    index.apply([one("a", about("film"))], 1)

    assert index.view().search(Profile({"film": 4e-7, "x": 1.0}, {}), 10, NOW) == []
    assert len(index.view().search(Profile({"film": 4e-6, "x": 1.0}, {}), 10, NOW)) == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 1000, 10**9])
def test_more_may_be_asked_for_than_there_is(limit: int, index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("film", "boat")), one("c", about("film", "x", "y"))], 3)

    assert ids(index.view().search(FILM, limit, NOW)) == ["a", "b", "c"][:limit]


def test_a_video_is_found_once_with_its_best_keyword_set(index: Index) -> None:
    index.apply([one("a", about("kino", "film", language="de"), about("film", language="en"))], 1)

    assert index.view().search(FILM, 10, NOW) == [Hit("a", 1.0, "en")]


def test_of_equally_good_keyword_sets_the_first_language_is_named(index: Index) -> None:
    index.apply([one("a", about("film", language="de"), about("film", language="en"), about("x", language="fr"))], 1)

    assert index.view().search(FILM, 10, NOW)[0].language == "de"


def test_a_video_in_many_languages_takes_no_place_of_others(index: Index) -> None:
    many = [about("film", language=tag) for tag in ("da", "de", "en", "fr", "it")]
    index.apply([one("a", *many), one("b", *many), one("c", about("film"))], 3)

    assert ids(index.view().search(FILM, 3, NOW)) == ["a", "b", "c"]


def test_the_many_good_keyword_sets_of_one_video_take_no_place_of_others(index: Index) -> None:
    tags = ["da", "de", "en", "fr", "it"]
    better = [about("film", *"uvwxy"[:i], language=tag) for i, tag in enumerate(tags)]
    index.apply([one("z", *better), one("b", about("film", *"tuvwxyz")), one("c", about("film", *"stuvwxyz"))], 3)

    for limit in (1, 2, 3):
        assert ids(index.view().search(FILM, limit, NOW)) == ["z", "b", "c"][:limit]


@pytest.mark.parametrize(
    "published, expire, seen",
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + 1e-6, None, False),
        (None, NOW, False),
        (None, NOW + 1e-6, True),
        (NOW - 1, NOW - 0.5, False),
        (-1e9, 1e9, True),
    ],
)
def test_a_video_is_seen_from_its_publication_until_it_expires(
    published: float | None, expire: float | None, seen: bool, index: Index
) -> None:
    index.apply([one("a", about("film"), published=published, expire=expire), one("b", about("film"))], 2)

    assert ids(index.view().search(FILM, 10, NOW)) == (["a", "b"] if seen else ["b"])


def test_videos_that_are_not_seen_take_no_place_and_still_count(index: Index) -> None:
    index.apply([one(f"{i}", about("film"), expire=1.0) for i in range(20)] + [one("z", about("film", "x"))], 21)

    assert ids(index.view().search(FILM, 1, NOW)) == ["z"]
    assert index.view().statistics.videos == 21


def test_excluded_videos_take_no_place(index: Index) -> None:
    index.apply([one(f"{i}", about("film")) for i in range(9)], 9)

    assert ids(index.view().search(FILM, 3, NOW, excluded={"0", "2", "3", "nobody"})) == ["1", "4", "5"]
    assert ids(index.view().search(FILM, 3, NOW, excluded=["0"] * 5)) == ["1", "2", "3"]


def test_a_filter_and_exclusions_work_together(index: Index) -> None:
    index.apply(
        [one(name, about("film", language=tag)) for name, tag in zip("abcd", ("de", "en", "de", "de"), strict=True)], 4
    )
    german = Filter(all_of=(HasLanguage("de"),), none_of=(HasId(frozenset({"d"})),))

    assert ids(index.view().search(FILM, 10, NOW, german, {"a"})) == ["c"]


def test_a_replaced_video_is_found_by_what_it_holds_now(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("boat"))], 2)
    index.apply([one("a", about("boat", "sea"))], 3)
    boat = Profile({"boat": 1.0}, {"boat": 1.0})

    assert index.view().search(FILM, 10, NOW) == []
    assert ids(index.view().search(boat, 10, NOW)) == ["b", "a"]


def test_a_video_that_loses_its_keywords_stays_and_matches_nothing(index: Index) -> None:
    index.apply([one("a", about("film"))], 1)
    index.apply([one("a", vector("en", {}, {}))], 2)

    view = index.view()
    assert view.search(FILM, 10, NOW) == []
    assert (view.statistics.videos, view.statistics.keyword_sets, view.statistics.languages) == (1, 0, {"en": 1})
    assert index.has_video("a")


def test_a_video_is_there_at_every_moment_while_it_is_replaced(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("film"))], 1)
    there: list[bool] = []

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        """Look as another thread might, at every line that is run."""
        there.append(index.has_video("a"))
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        index.apply([one("a", about("boat"))], 2)
        index.apply([one("b", about("boat")), one("a"), one("a", about("film", "boat"))], 3)
    finally:
        sys.settrace(before)

    assert len(there) > 20
    assert all(there)
    assert ids(index.view().search(FILM, 10, NOW)) == ["a"]


def test_a_removed_video_is_gone_and_removing_it_again_changes_nothing(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("film"))], 2)
    for revision in (3, 4):
        index.apply([Removal("a"), Removal("never there")], revision)

    assert ids(index.view().search(FILM, 10, NOW)) == ["b"]
    assert not index.has_video("a")
    assert index.has_video("b")


def test_changes_of_one_video_in_one_list_are_taken_in_order(index: Index) -> None:
    index.apply([one("a", about("film")), Removal("a"), one("a", about("boat")), one("b", about("x")), Removal("b")], 5)

    view = index.view()
    assert view.search(FILM, 10, NOW) == []
    assert view.statistics.videos == 1
    assert view.statistics.phrase_terms == 1


def test_a_view_names_the_highest_revision_it_has_seen(index: Index) -> None:
    index.apply([one("a", about("film"))], 7)
    assert index.view().revision == 7

    index.apply([], 9)
    index.apply([], 8)
    assert index.view().revision == 9
    assert ids(index.view().search(FILM, 10, NOW)) == ["a"]


def test_what_a_view_has_counted_is_not_counted_again_for_a_later_revision(index: Index) -> None:
    index.apply([one("a", about("film"))], 1)
    before = index.view()
    counted, languages = before.statistics, before.languages

    index.apply([], 9)
    after = index.view()

    assert (before.revision, after.revision) == (1, 9)
    assert after.statistics is counted
    assert after.languages is languages


def test_a_view_never_changes(index: Index) -> None:
    videos = [one(f"{i}", about("film", f"x{i}")) for i in range(10)]
    index.apply(videos, 10)
    before = index.view()
    found, counted, idf = (
        before.search(FILM, 20, NOW),
        before.statistics,
        before.inverse_document_frequency("words", "film"),
    )

    index.apply([Removal("3"), one("4", about("film")), one("new", about("film", "never seen"))], 13)
    index.view()

    assert before.search(FILM, 20, NOW) == found
    assert before.statistics == counted
    assert before.inverse_document_frequency("words", "film") == idf
    assert not before.knows("words", "never seen")
    unknown = ranking_idf(index, videos)("words", term_key("words", "never seen"))
    assert before.inverse_document_frequency("words", "never seen") == pytest.approx(unknown)
    assert before.search(Profile({}, {"never seen": 1.0}), 20, NOW) == []
    assert (before.revision, index.view().revision) == (10, 13)


def test_a_view_that_is_asked_late_tells_what_was_there_when_it_was_made(index: Index) -> None:
    videos = [one("a", about("film")), one("b", about("kino", language="de")), one("c", about("boat"))]
    index.apply(videos[:2], 2)
    index.apply(videos[2:], 3)
    view = index.view()

    index.apply([Removal("a"), one("b", about("sea", language="fr"))], 5)
    index.view()
    index.apply([Removal("b"), Removal("c"), one("d", about("new"))], 8)

    assert view.statistics == naive.statistics(videos)
    assert list(view.languages) == ["de", "en"]
    assert all(view.knows("words", word) for word in ("film", "kino", "boat"))
    assert not any(view.knows("words", word) for word in ("sea", "new"))
    assert ids(view.search(FILM, 10, NOW)) == ["a"]
    assert set(ids(view.search(Profile({}, {"kino": 1.0, "boat": 1.0, "new": 1.0}), 10, NOW))) == {"b", "c"}
    assert view.revision == 3


def test_a_term_is_known_as_long_as_any_keyword_set_has_it(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("film"))], 2)
    assert index.view().knows("words", "film")
    assert not index.view().knows("words", "boat")

    index.apply([Removal("a")], 3)
    assert index.view().knows("phrases", "film")

    index.apply([Removal("b")], 4)
    assert not index.view().knows("phrases", "film")


def random_videos(count: int, random: np.random.Generator) -> list[IndexedVideo]:
    """Make videos of Zipf keywords, a tenth of them in two languages."""

    def own(*languages: str) -> list[KeywordVector]:
        return [zipf_vector(language, random) for language in languages]

    return [one(f"v{i}", *(own("de", "en") if i % 10 == 0 else own("en"))) for i in range(count)]


def random_profile(random: np.random.Generator) -> Profile:
    return zipf_profile(40, random)


@pytest.fixture
def some_hundred(index: Index) -> tuple[Index, list[IndexedVideo]]:
    videos = random_videos(400, np.random.default_rng(7))
    for start in range(0, 400, 57):
        index.apply(videos[start : start + 57], start + 57)
        index.view()
    return index, videos


def test_hundreds_of_videos_are_ordered_as_scoring_each_of_them_would(
    some_hundred: tuple[Index, list[IndexedVideo]],
) -> None:
    index, videos = some_hundred
    random = np.random.default_rng(8)
    view = index.view()

    for limit in (1, 10, 20, 100, 1000):
        profile = random_profile(random)
        expected = naive.search(videos, idf_of(view), profile, limit, NOW)
        assert view.search(profile, limit, NOW) == expected
        assert expected


def test_a_shorter_list_is_the_beginning_of_a_longer_one(some_hundred: tuple[Index, list[IndexedVideo]]) -> None:
    view = some_hundred[0].view()
    profile = random_profile(np.random.default_rng(9))
    whole = view.search(profile, 1000, NOW)

    for limit in range(1, 60):
        assert view.search(profile, limit, NOW) == whole[:limit]


def test_scores_do_not_depend_on_how_the_index_was_written(
    some_hundred: tuple[Index, list[IndexedVideo]], make_index: Callable[[], Index]
) -> None:
    index, videos = some_hundred
    backwards = make_index()
    backwards.apply([one("gone", about("p1", "w1")), *reversed(videos[:57]), Removal("gone")], 57)
    backwards.apply([one("gone", about("p1", "w1")), *reversed(videos[57:]), Removal("gone")], 400)
    random = np.random.default_rng(10)

    for _ in range(10):
        profile = random_profile(random)
        assert backwards.view().search(profile, 50, NOW) == index.view().search(profile, 50, NOW)


def test_threads_find_together_what_each_finds_alone_while_the_index_changes(
    some_hundred: tuple[Index, list[IndexedVideo]],
) -> None:
    index, videos = some_hundred
    random = np.random.default_rng(11)
    queries = [random_profile(random) for _ in range(40)]
    view = index.view()
    alone = [view.search(profile, 20, NOW) for profile in queries]
    counted = naive.statistics(videos)

    with ThreadPoolExecutor(4) as threads:
        together = threads.map(lambda profile: view.search(profile, 20, NOW), queries * 3)
        for revision, video in enumerate(videos[:100], start=401):
            index.apply([Removal(video.facts.video_id)], revision)
            assert index.view().statistics.videos == 800 - revision
        assert list(together) == alone * 3
    assert view.statistics == counted


# --- boosts -----------------------------------------------------------------------------------------------------------


def test_a_boost_changes_the_order_and_not_the_score(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("film", "boat")), one("c", about("film", "x", "y"))], 3)
    plain = {hit.video_id: hit.score for hit in index.view().search(FILM, 10, NOW)}

    hits = index.view().search(FILM, 10, NOW, boost=BoostById({"b": 0.75, "a": -0.75}))

    assert [(hit.video_id, hit.score, hit.boost) for hit in hits] == [
        ("b", plain["b"], 0.75),
        ("c", plain["c"], 0.0),
        ("a", plain["a"], -0.75),
    ]
    assert [hit.total for hit in hits] == [round(hit.score + hit.boost, 6) for hit in hits]


def test_a_boost_alone_is_no_match_and_one_that_takes_all_away_is_no_end_of_it(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("boat"))], 2)

    hits = index.view().search(FILM, 10, NOW, boost=BoostById({"a": -7.0, "b": 7.0}))

    assert hits == [Hit("a", 1.0, "en", -7.0)]
    assert hits[0].total == -6.0


def test_a_boosted_video_comes_first_however_little_it_matches(index: Index) -> None:
    index.apply([one(f"{i:03}", about("film")) for i in range(200)], 200)
    index.apply([one("far", about("film", *(f"x{i}" for i in range(30))))], 201)
    boost = BoostById({"far": 1.0, "000": -1.0})

    assert ids(index.view().search(FILM, 3, NOW, boost=boost)) == ["far", "001", "002"]


def test_videos_of_equal_totals_are_ordered_by_id(index: Index) -> None:
    index.apply([one(name, about("film")) for name in "dcba"], 4)

    assert ids(index.view().search(FILM, 10, NOW, boost=BoostById(dict.fromkeys("abd", 0.1)))) == ["a", "b", "d", "c"]
    # Amounts that differ by less than half a millionth are equal.
    assert ids(index.view().search(FILM, 10, NOW, boost=BoostById({"b": 4e-7, "d": -4e-7}))) == list("abcd")


def test_a_boost_counts_once_for_a_video_of_several_keyword_sets(index: Index) -> None:
    index.apply([one("a", about("film", "x", language="de"), about("film", language="en")), one("b", about("film"))], 2)

    assert index.view().search(FILM, 10, NOW, boost=BoostById({"a": 0.5})) == [
        Hit("a", 1.0, "en", 0.5),
        Hit("b", 1.0, "en"),
    ]


def test_videos_that_match_too_little_take_no_place_whatever_their_boost(index: Index) -> None:
    index.apply([one("near", about("film"))] + [one(f"{i}", about("film", "x")) for i in range(20)], 21)
    view = index.view()
    boost = BoostById({f"{i}": 5.0 for i in range(20)})
    far = view.search(FILM, 2, NOW)[1].score

    assert ids(view.search(FILM, 1, NOW, boost=boost, least=far + 1e-6)) == ["near"]
    assert ids(view.search(FILM, 1, NOW, boost=boost, least=far)) == ["0"]
    assert ids(view.search(FILM, 30, NOW, least=far + 1e-6)) == ["near"]
    assert len(view.search(FILM, 30, NOW, least=far)) == 21
    assert view.search(FILM, 30, NOW, least=1.000001) == []


def test_scores_are_rounded_alike_one_by_one_and_all_together() -> None:
    random = np.random.default_rng(12)
    halves = random.integers(-(10**7), 10**7, 1_000) * 5e-7
    scores = np.concatenate((halves, random.normal(0, 1, 1_000), [0.0, 1.0, 100.0000005]))

    assert [rounded(score) for score in scores.tolist()] == np.round(scores, 6).tolist()


# --- browsing ---------------------------------------------------------------------------------------------------------


def test_videos_are_listed_by_two_keys_and_their_ids(index: Index) -> None:
    index.apply([one(name, about("film", name)) for name in "fedcba"], 6)
    keys = keys_by_id({"a": (0, 0), "b": (0, 0), "c": (0, 9), "d": (2, -1), "e": (2, -math.inf), "f": (-math.inf, 5)})

    for limit in range(1, 9):
        assert index.view().browse(keys, limit, NOW) == list("decabf")[:limit]


def test_only_videos_that_a_search_may_return_are_listed(index: Index) -> None:
    index.apply(
        [
            one("early", about("film"), published=NOW + 1),
            one("late", about("film"), expire=NOW),
            one("empty", vector("en", {}, {})),
            one("german", about("film", language="de")),
            one("both", about("film", language="de"), about("boat", language="en")),
            one("seen", about("film")),
            one("gone", about("film")),
            one("new", about("film")),
        ],
        8,
    )
    index.apply([Removal("gone"), one("new", about("boat"))], 10)
    keys = keys_by_id({})

    assert index.view().browse(keys, 10, NOW, excluded={"seen", "nobody"}) == ["both", "german", "new"]
    german = Filter(all_of=(HasLanguage("de"),))
    assert index.view().browse(keys, 10, NOW, german, {"german"}) == ["both"]


def test_nothing_is_listed_of_an_empty_index(index: Index) -> None:
    assert index.view().browse(keys_by_id({}), 10, NOW) == []


# --- single vectors ---------------------------------------------------------------------------------------------------


def test_the_vectors_of_a_video_are_what_was_written_last(index: Index) -> None:
    index.apply([one("a", about("film")), one("b", about("boat"))], 2)
    index.apply([one("a", about("sea", language="de"), about("film", "boat")), Removal("b")], 4)
    view = index.view()

    assert [held.language for held in view.vectors("a")] == ["de", "en"]
    assert [naive.terms_of(held) for held in view.vectors("a")] == [
        naive.terms_of(about("sea")),
        naive.terms_of(about("film", "boat")),
    ]
    assert view.vectors("b") == view.vectors("nobody") == ()


def test_a_unit_vector_has_length_one_and_its_keys_in_order(index: Index) -> None:
    index.apply([one("a", about("film", "boat", "sea"), about("kino", language="de"))], 1)

    found = index.view().unit_vector("a", "en")

    assert found is not None
    assert float(found.weights @ found.weights) == pytest.approx(1.0, abs=1e-12)
    assert found.keys.tolist() == sorted(term_key(block, word) for block in BLOCKS for word in ("film", "boat", "sea"))


def test_there_is_no_unit_vector_of_what_is_not_there(index: Index) -> None:
    index.apply([one("a", about("film"), vector("fr", {}, {}))], 1)
    view = index.view()

    assert view.unit_vector("a", "fr") is None
    assert view.unit_vector("a", "de") is None
    assert view.unit_vector("b", "en") is None


def test_unit_vectors_give_the_score_of_a_search_for_what_a_video_is_about(index: Index) -> None:
    index.apply([one("a", about("film", "boat")), one("b", about("film", "sea")), one("c", about("x"))], 3)
    index.apply([one("d", about("film", "boat", "new"))], 4)
    view = index.view()
    own = view.unit_vector("a", "en")
    assert own is not None

    for hit in view.search(Profile({"film": 1.0, "boat": 1.0}, {"film": 1.0, "boat": 1.0}), 10, NOW):
        other = view.unit_vector(hit.video_id, "en")
        assert other is not None
        _, places, other_places = np.intersect1d(own.keys, other.keys, return_indices=True)
        assert float(own.weights[places] @ other.weights[other_places]) == pytest.approx(hit.score, abs=1e-6)


def test_the_idf_of_many_terms_is_that_of_each(index: Index) -> None:
    videos = [one("a", about("film", "boat")), one("b", about("film"))]
    index.apply(videos, 2)
    view, idf = index.view(), ranking_idf(index, videos)
    terms = [(block, word) for block in BLOCKS for word in ("film", "boat", "unknown")]

    found = view.idf_of(np.array([term_key(block, word) for block, word in terms], dtype=np.uint64))

    assert found.tolist() == [view.inverse_document_frequency(block, word) for block, word in terms]
    assert found.tolist() == pytest.approx([idf(block, term_key(block, word)) for block, word in terms])
    assert view.idf_of(np.empty(0, dtype=np.uint64)).tolist() == []
