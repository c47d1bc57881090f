"""Ignored keywords and aliases of a catalog."""

from matchcut_server.vectors.settings import CatalogSettings


def test_keywords_are_themselves_unless_something_else_is_set() -> None:
    assert CatalogSettings().resolve("Film  Festival") == "Film  Festival"


def test_an_ignored_keyword_is_nothing_in_any_spelling() -> None:
    settings = CatalogSettings(ignored_keywords=("Today", "café"))

    assert settings.resolve("TODAY ") is None
    assert settings.resolve("cafe\u0301") is None
    assert settings.resolve("today's news") == "today's news"


def test_an_alias_stands_for_its_keyword_in_any_spelling() -> None:
    settings = CatalogSettings(keyword_aliases=(("U.K.", "United Kingdom"),))

    assert settings.resolve("u.k.") == "United Kingdom"
    assert settings.resolve("uk") == "uk"


def test_aliases_do_not_chain() -> None:
    settings = CatalogSettings(keyword_aliases=(("a", "b"), ("b", "c")))

    assert settings.resolve("a") == "b"


def test_a_keyword_is_ignored_by_its_own_name_and_by_the_one_it_stands_for() -> None:
    settings = CatalogSettings(ignored_keywords=("news", "bulletin"), keyword_aliases=(("headlines", "News"),))

    assert settings.resolve("Headlines") is None
    assert settings.resolve("bulletin") is None
