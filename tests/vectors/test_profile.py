"""Interests as a profile of weighted terms."""

import pytest

from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.profile import Interest, Profile, make_profile
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.weighting import Block
from tests.makers import DEFAULTS


def knows_nothing(_block: Block, _term: str) -> bool:
    return False


def profile(
    *interests: Interest,
    languages: tuple[str, ...] = ("en-US",),
    known: set[str] | None = None,
    settings: CatalogSettings = DEFAULTS,
) -> Profile:
    return make_profile(interests, languages, lambda _, term: term in (known or set()), settings)


def test_an_interest_is_a_phrase_and_its_words() -> None:
    found = profile(Interest("Film Festivals", 2.0))

    assert found.phrases == {"film festiv": 2.0}
    assert found.words == {"film": 2.0, "festiv": 2.0}


def test_without_a_weight_an_interest_weighs_one() -> None:
    assert profile(Interest("london")).phrases == {"london": 1.0}


def test_a_word_of_several_interests_has_the_weight_of_the_strongest() -> None:
    found = profile(Interest("film", 1.0), Interest("film festival", 3.0), Interest("film music", 2.0))

    assert found.words == {"film": 3.0, "festiv": 3.0, "music": 2.0}
    assert found.phrases == {"film": 1.0, "film festiv": 3.0, "film music": 2.0}


def test_what_is_wanted_and_not_wanted_is_weighed_up() -> None:
    found = profile(Interest("film festival", 3.0), Interest("film", -1.0))

    assert found.phrases == {"film festiv": 3.0, "film": -1.0}
    assert found.words == {"film": 2.0, "festiv": 3.0}


def test_weights_that_cancel_out_are_no_terms() -> None:
    found = profile(Interest("film", 1.5), Interest("Films", -1.5), Interest("boat"))

    assert found.phrases == {"boat": 1.0}
    assert found.words == {"boat": 1.0}


@pytest.mark.parametrize("interest", [Interest("film", 0.0), Interest("—"), Interest("")])
def test_interests_without_weight_or_words_are_nothing(interest: Interest) -> None:
    assert profile(interest) == Profile()


def test_a_term_that_nothing_has_is_part_of_the_profile() -> None:
    """It makes the profile longer, so that a part of it matches less than the whole."""
    found = profile(Interest("london"), Interest("atlantis"), known={"london"})

    assert found.phrases == {"london": 1.0, "atlanti": 1.0}


def test_an_interest_with_a_language_is_stemmed_in_it_alone() -> None:
    known = {"häuser", "haus"}

    found = profile(Interest("Häuser", language="de-DE"), languages=("en-US", "de-DE"), known=known)

    assert found.phrases == {"haus": 1.0}


def test_an_interest_without_a_language_is_what_the_catalog_knows_in_any_of_its_languages() -> None:
    languages = ("de-DE", "en-US", "fr-FR")

    assert profile(Interest("Häuser"), languages=languages, known={"haus"}).phrases == {"haus": 1.0}
    assert profile(Interest("Häuser"), languages=languages, known={"haus", "häuser"}).phrases == {
        "haus": 1.0,
        "häuser": 1.0,
    }


def test_an_interest_that_is_unknown_in_all_languages_counts_once_in_the_default_one() -> None:
    settings = CatalogSettings(default_language="de-DE")

    found = profile(Interest("Häuser"), languages=("en-US", "fr-FR"), settings=settings)

    assert found.phrases == {"haus": 1.0}
    assert found.words == {"haus": 1.0}


def test_blocks_are_looked_up_each_for_itself() -> None:
    def knows(block: Block, term: str) -> bool:
        return (block, term) in {("phrases", "film festiv"), ("words", "festival")}

    found = make_profile([Interest("film festival")], ("xx",), knows, DEFAULTS)

    assert found.phrases == {"film festiv": 1.0}
    assert found.words == {"film": 1.0, "festival": 1.0}


def test_languages_of_one_stemmer_are_tried_once() -> None:
    found = profile(Interest("films"), languages=("en-US", "en-GB", "en"), known={"film"})

    assert found.interests_of()[term_key("phrases", "film")] == [Interest("films")]


def test_aliases_and_ignored_keywords_hold_for_interests_too() -> None:
    settings = CatalogSettings(ignored_keywords=("news",), keyword_aliases=(("UK", "United Kingdom"),))

    found = profile(Interest("uk"), Interest("News"), settings=settings)

    assert found.phrases == {"unit kingdom": 1.0}


def test_a_profile_remembers_which_interests_gave_a_term() -> None:
    first, second = Interest("film"), Interest("film festival", 2.0)

    found = profile(first, second)

    assert found.interests_of()[term_key("words", "film")] == [first, second]
    assert found.interests_of()[term_key("phrases", "film festiv")] == [second]


def test_an_empty_list_is_an_empty_profile() -> None:
    assert make_profile([], (), knows_nothing, DEFAULTS) == Profile()
