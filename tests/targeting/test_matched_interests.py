"""Which interests of a user match a promotion, and how much each adds to the score."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.index.follower import Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.profiles.model import Declared, StoredProfile
from matchcut_server.ranking.query import Seed
from matchcut_server.store.port import Catalog
from matchcut_server.store.profile_port import FollowedProfile
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.targeting.matched_interests import MAX_INTERESTS, InterestExplainer, MatchedInterest
from matchcut_server.targeting.promotion import Promotion, promotion_profile
from matchcut_server.vectors.profile import Interest
from tests.makers import put
from tests.targeting.profiles import VIDEOS, followed, interests, naive_scores


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteStore, Catalog, Follower]]:
    """A store with the videos that profiles and promotions are about."""
    data = tmp_path_factory.mktemp("data")
    store = SqliteStore(data)
    store.write_videos(1, [put(one) for one in VIDEOS])
    [catalog] = store.catalogs("", 1)
    yield store, catalog, Follower(store, ShelfSource(Shelf(data, store.secret), store), max_waiting=1)
    store.close()


def explained(
    films: tuple[SqliteStore, Catalog, Follower], promotion: Promotion, one: FollowedProfile
) -> tuple[float, list[MatchedInterest]]:
    """Return the score by the formulas, and its explanation."""
    store, catalog, follower = films
    view = follower.view(catalog)
    profile = promotion_profile(promotion, view, catalog.settings)
    score = naive_scores([one], profile.mixture, view)[one.profile_id]
    return score, InterestExplainer(store, catalog, view, view, promotion, profile).explain(one, score)


def user(*stated: Interest) -> FollowedProfile:
    return FollowedProfile(1, 1, StoredProfile("ada", Declared(stated, targeting_allowed=True), 0, None, 1, 1))


seeds = st.lists(
    st.builds(Seed, st.sampled_from(("castles", "films", "cooking", "gone")), st.sampled_from((1.0, 0.5, -0.5))),
    max_size=2,
    unique_by=lambda seed: seed.video_id,
)


@settings(max_examples=60)
@given(followed(1), st.lists(interests, max_size=4), seeds)
def test_shares_add_up_to_the_score(
    films: tuple[SqliteStore, Catalog, Follower], one: FollowedProfile, stated: list[Interest], seeds: list[Seed]
) -> None:
    if one.profile is None or not one.profile.declared.targeting_allowed:
        return
    score, found = explained(films, Promotion("", tuple(stated), tuple(seeds)), one)
    assert len(found) <= MAX_INTERESTS
    assert sum(own.share for own in found) == pytest.approx(score, abs=1e-9)
    assert [abs(own.share) for own in found] == sorted((abs(own.share) for own in found), reverse=True)
    assert len({own.interest for own in found}) == len(found)
    assert all(own.interest and own.keywords and own.idf >= 1.0 for own in found)


def test_a_word_counts_for_the_strongest_interest_that_holds_it(
    films: tuple[SqliteStore, Catalog, Follower],
) -> None:
    one = user(Interest("film", 0.5), Interest("film festival", 2.0), Interest("bread"))
    _, [festival, film] = explained(films, Promotion("", (Interest("film"),)), one)
    assert (festival.interest, festival.keywords) == ("film festival", ("film",))  # by the word
    assert (film.interest, film.keywords) == ("film", ("film",))  # as a whole keyword


def test_keywords_that_add_most_come_first(films: tuple[SqliteStore, Catalog, Follower]) -> None:
    one = user(Interest("Scottish castle"))
    promotion = Promotion("", (Interest("Scottish railway"), Interest("Scottish castle"), Interest("bread")))
    _, [found] = explained(films, promotion, one)
    assert found.keywords == ("Scottish castle", "Scottish railway")


def test_who_may_not_be_found_is_not_explained(films: tuple[SqliteStore, Catalog, Follower]) -> None:
    store, catalog, follower = films
    view = follower.view(catalog)
    promotion = Promotion("", (Interest("film"),))
    explainer = InterestExplainer(
        store, catalog, view, view, promotion, promotion_profile(promotion, view, catalog.settings)
    )
    hidden = FollowedProfile(1, 1, StoredProfile("ada", Declared((Interest("film"),)), 0, None, 1, 1))
    assert explainer.explain(hidden, 1.0) == []
