"""The queries: of every kind, and always the same."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from matchcut_client import AttributeCondition, Condition, DurationRange, Filter, Interest, TimeRange
from tests.answers.query import Query
from tests.documents import REAL

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "catalog").glob("*.json"))
_DOCUMENTS: dict[str, Any] = {path.stem: json.loads(path.read_bytes()) for path in EXAMPLES}
_REAL_DOCUMENTS = [json.loads(path.read_bytes()) for path in sorted(REAL.glob("*.json"))]

TO_THE_END = 100
"""More pages than any query has."""


def example_id(name: str) -> str:
    """Return the id in an example document, by the name of its file."""
    video_id: str = _DOCUMENTS[name]["id"]
    return video_id


def _ids(*names: str) -> tuple[str, ...]:
    return tuple(map(example_id, names))


def _keywords(documents: Iterable[Any]) -> list[str]:
    """Return the different keywords of documents, in their order."""
    texts = (
        one["text"]
        for document in documents
        for video in document.get("videos", ())
        for one in video["insights"].get("keywords", ())
    )
    return list(dict.fromkeys(texts))


def _likes(*keywords: str, language: str = "", **more: Any) -> Query:
    """Make a query of `keyword` or `keyword=weight`; `more` goes into the query."""
    parts = [one.partition("=") for one in keywords]
    interests = [Interest(text, float(weight) if weight else None, language) for text, _, weight in parts]
    return Query(tuple(interests), **more)


def _many(texts: list[str], count: int, weights: Iterable[float]) -> tuple[Interest, ...]:
    """Take keywords from all over a list, made up to `count` with unknown ones."""
    known = texts[:: max(1, len(texts) // count)][:count]
    unknown = [f"unheard {number}" for number in range(count - len(known))]
    return tuple(Interest(text, weight) for text, weight in zip([*known, *unknown], cycle(weights), strict=False))


def _all_of(*conditions: Condition) -> Filter:
    return Filter(all_of=conditions)


def _language(tag: str) -> Condition:
    return Condition(language=tag)


def _has(name: str, *values: str) -> Condition:
    return Condition(attribute=AttributeCondition(name, values))


def _published(start: tuple[int, int, int] | None, end: tuple[int, int, int] | None) -> Condition:
    first, last = (None if day is None else datetime(*day, tzinfo=UTC) for day in (start, end))
    return Condition(published_time=TimeRange(first, last))


def _lasts(shortest: float | None = None, longest: float | None = None) -> Condition:
    return Condition(duration=DurationRange(shortest, longest))


def _one_of(*video_ids: str) -> Condition:
    return Condition(video_ids=video_ids)


_EXAMPLE_KEYWORDS = _keywords(_DOCUMENTS.values())
_REAL_KEYWORDS = _keywords(_REAL_DOCUMENTS)

_VISITOR = _likes("england", "film festival=2", "football=-1")
_FILM = _likes("film", "england", "festival", page_size=1000)
_ATTRACTING = (1.0, 0.5, 3.0, 0.25, 2.0)
_MIXED = (1.0, 2.0, -0.5, 0.1, 3.0, -2.0, 0.7)

_FILTERS = {
    "a language": _all_of(_language("en")),
    "a language of one region": _all_of(_language("en-US")),
    "an attribute's value": _all_of(_has("section", "cinema")),
    "any value of an attribute": _all_of(_has("access")),
    "some values of an attribute": _all_of(_has("section", "travel", "archive", "unheard")),
    "an unknown attribute": _all_of(_has("unheard")),
    "published from": _all_of(_published((2024, 7, 1), None)),
    "published before": _all_of(_published(None, (2024, 4, 1))),
    "published between": _all_of(_published((2024, 3, 1), (2024, 6, 1))),
    "a duration at least": _all_of(_lasts(2000)),
    "a duration at most": _all_of(_lasts(None, 600)),
    "a duration between": _all_of(_lasts(600, 1200)),
    "ids": _all_of(_one_of(*_ids("leeds-short-films", "hadrians-wall", "venice-lido", "cornish-pasty"), "nobody")),
    "ids that are not there": _all_of(_one_of("nobody")),
    "any of several": Filter(any_of=(_language("fr"), _language("it"), _lasts(2000), _has("access"))),
    "none of several": Filter(none_of=(_language("en-GB"), _has("section", "business"))),
    "all kinds": Filter(
        all_of=(_language("en"), _lasts(100, 2000)),
        any_of=(_has("section", "cinema"), _published((2024, 9, 1), None)),
        none_of=(_has("access", "subscribers"), _one_of(*_ids("london-film-festival-opening"))),
    ),
}

FEW_QUERIES = {
    "the visitor of the demonstration": replace(_VISITOR, page_size=6, explained=True),
    "the editor of the demonstration": _likes("rolls-royce", page_size=8, explained=True),
    "all about films": _FILM,
    "equal scores at the end of a page": _likes("rolls-royce", page_size=4, pages=TO_THE_END),
    "a language of several in a video": _likes("werkstatt", "lumière", "stage", page_size=1000),
    "equal scores in another language": _likes("mostra del cinema", "venezia", language="it-IT"),
    "what was replaced": _likes("hadrian's wall", "stonehenge", "wembley", page_size=1000),
    "what was removed": _likes("leeds", "short film", "london", page_size=1000),
    "what is not seen": _likes("hitchcock", "documentary", "sheffield", page_size=1000),
    "ids excluded": replace(_FILM, exclude_ids=("bare", "nobody", *_ids("leeds-short-films", "ealing-comedies"))),
    "300 keywords": Query(_many(_EXAMPLE_KEYWORDS, 300, _MIXED), page_size=1000),
    "300 keywords, page by page": Query(_many(_EXAMPLE_KEYWORDS, 300, _ATTRACTING), page_size=30, pages=TO_THE_END),
    **{f"filter: {name}": replace(_FILM, filter=allowed) for name, allowed in _FILTERS.items()},
}
"""For a catalog that was written to after it was imported."""

EXAMPLE_QUERIES = {
    # Keywords and weights.
    "one keyword": _likes("london"),
    "one phrase": _likes("film festival", page_size=6, explained=True),
    "a phrase, its words in another order": _likes("festivals of the film"),
    "a keyword that nothing has": _likes("unheard"),
    "a keyword beside one that nothing has": _likes("london", "unheard of"),
    "the visitor of the demonstration": replace(_VISITOR, page_size=6, explained=True),
    "the editor of the demonstration": _likes("rolls-royce", page_size=5, explained=True),
    "how a keyword is written": _likes("  ROLLS-Royce ", "CONTOSO's"),
    "equal weights": _likes("england", "film festival", "cinema"),
    "weights far apart": _likes("england=1000000", "film festival=0.000001", "cinema=1"),
    "tiny weights": _likes("england=3e-300", "film festival=1e-300"),
    "one keyword several times": _likes("film=1", "film=3", "Film=-0.5", "festival"),
    "pushed away a little": _likes("england", "football=-0.2", page_size=1000),
    "pushed away more than attracted": _likes("england=0.5", "film=-3", "festival=-2", page_size=6, explained=True),
    "only pushed away": _likes("england=-1", "film=-2"),
    "attracted and pushed away alike": _likes("film=2", "film=-2", "unheard"),
    "no weight": _likes("london=0", "england"),
    "all keywords of a video": Query(
        tuple(map(Interest, _keywords([_DOCUMENTS["pinewood-stages"]]))), page_size=5, explained=True
    ),
    "300 keywords": Query(_many(_EXAMPLE_KEYWORDS, 300, _ATTRACTING)),
    "300 keywords, some pushing away": Query(_many(_EXAMPLE_KEYWORDS, 300, _MIXED), page_size=1000),
    "all keywords": Query(tuple(map(Interest, _EXAMPLE_KEYWORDS)), page_size=3),
    # Languages.
    "German without a language": _likes("Regisseure", "Kameras"),
    "German": _likes("Regisseure", "Kameras", language="de-DE", explained=True),
    "German taken for English": _likes("Regisseure", "Kameras", language="en"),
    "French": _likes("festivals", "cinéma", language="fr"),
    "a language without a stemmer": _likes("festivals", "film", "london", language="tlh"),
    "Japanese": _likes("映画", "スタジオ"),
    "Hebrew": _likes("קולנוע", "פסטיבל", language="he-IL"),
    "several languages at once": Query(
        (
            Interest("Filmgeschichte", 2.0, "de"),
            Interest("cinéma", 1.0, "fr-FR"),
            Interest("映画", 0.5),
            Interest("regista", 1.0, "it"),
            Interest("film", -0.1, "en-GB"),
        ),
        page_size=1000,
    ),
    # Who is allowed.
    **{f"filter: {name}": replace(_FILM, filter=allowed) for name, allowed in _FILTERS.items()},
    "filter of a page of 20": replace(_FILM, filter=_FILTERS["a language"], page_size=20),
    "ids excluded": replace(_FILM, exclude_ids=(*_ids("hadrians-wall", "venice-lido", "cornish-pasty"), "nobody")),
    "all ids but one excluded": replace(
        _FILM, exclude_ids=tuple(example_id(name) for name in _DOCUMENTS if name != "venice-lido")
    ),
    "at least 0.1": replace(_FILM, min_score=0.1),
    "at least what the second has": _likes("contoso", min_score=0.349892),
    "at least 1": replace(_FILM, min_score=1.0),
    # Limits and pages.
    "a page of 1": replace(_FILM, page_size=1),
    "a page of 20": replace(_FILM, page_size=20),
    "a page of 1000": _FILM,
    "pages of 1 to the end": _likes("rolls-royce", page_size=1, pages=TO_THE_END),
    "pages of 7 to the end": replace(_FILM, page_size=7, pages=TO_THE_END),
    "pages of 20 to the end": Query(_many(_EXAMPLE_KEYWORDS, 300, _ATTRACTING), page_size=20, pages=TO_THE_END),
    "pages with a filter, exclusions and a least score": replace(
        _FILM,
        filter=_FILTERS["a language"],
        exclude_ids=_ids("hadrians-wall"),
        min_score=0.05,
        page_size=3,
        pages=TO_THE_END,
    ),
}

REAL_QUERIES = {
    "two documents of one video": _likes("responsible ai", "people", explained=True),
    "one keyword": _likes("news"),
    "a phrase and its words": _likes("gun range", "victim", explained=True),
    "weights": _likes("responsible ai=3", "privacy=-1", "learning=0.5", "time=2"),
    "only pushed away": _likes("news=-1"),
    "unknown keywords": _likes("unheard", "of"),
    "Hebrew": _likes("טסטינג", language="he-IL", explained=True),
    "English without a language": _likes("learning", "projects", "technology"),
    "English": _likes("learning", "projects", "technology", language="en-US"),
    "English taken for Portuguese": _likes("must courtesy", "learning", "time", language="pt"),
    "a keyword with signs": _likes("instagram @lilika_49", explained=True),
    "300 keywords": Query(_many(_REAL_KEYWORDS, 300, _ATTRACTING), page_size=1000),
    "300 keywords, some pushing away": Query(_many(_REAL_KEYWORDS, 300, _MIXED), page_size=1000),
    "all keywords, page by page": Query(tuple(map(Interest, _REAL_KEYWORDS)), page_size=1, pages=TO_THE_END),
    "a page of 1": _likes("responsible", "learn", page_size=1),
    "filter: a language": Query(tuple(map(Interest, _REAL_KEYWORDS)), _all_of(_language("he"))),
    "filter: a duration": Query(tuple(map(Interest, _REAL_KEYWORDS)), _all_of(_lasts(100, 200))),
    "filter: published": Query(tuple(map(Interest, _REAL_KEYWORDS)), _all_of(_published(None, (2023, 1, 1)))),
    "ids excluded": _likes("responsible ai", exclude_ids=("8r3kil0qj5", "nobody")),
    "at least 1": _likes("ביוב טסטינג", min_score=1.0),
    "at least 0.3": _likes("responsible", "time", "news", min_score=0.3),
}
