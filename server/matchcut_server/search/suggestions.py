"""Suggestions: the keywords of a catalog that resemble one which does not occur."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np

from ..index.port import View
from ..index.postings import Postings
from ..store.port import Catalog, Store
from ..vectors.terms import stemmer_name
from .asked import Sought, keys_of
from .keywords import KeywordCount
from .spelling import texts_of

MOST = 10
"""Keywords that are suggested for one."""

LOOKED_AT = 200
"""Keywords that are spelled alike, and as many that share words, of which the nearest are suggested."""

READ = 25
"""Keyword sets that are read to tell how a keyword is mostly spelled."""

_DIGITS = 2
"""Of nearness that count: what differs by less is equally near."""


class Suggestion(NamedTuple):
    """What an asked keyword may have been meant to be."""

    asked_keyword: str
    nearest: tuple[KeywordCount, ...]
    """Nearest first, equally near ones by df; at most `MOST`."""


def suggest(
    asked: Sequence[Sought], store: Store, catalog: Catalog, view: View, check: Callable[[], None] = lambda: None
) -> list[Suggestion]:
    """Return, for each keyword that does not occur in a catalog, the nearest that do. `asked`: those alone.

    Near is what is spelled alike or shares words; of both measures, each up to 1, the larger counts. `check` is called
    from time to time; what it raises ends the search.
    """
    suggestions = []
    for sought in asked:
        check()
        suggestions.append(Suggestion(sought.asked.keyword, _nearest(sought, store, catalog, view, check)))
    return suggestions


def _nearest(
    sought: Sought, store: Store, catalog: Catalog, view: View, check: Callable[[], None]
) -> tuple[KeywordCount, ...]:
    nearness = _sharing_words(sought, store, catalog)
    for key, similarity in texts_of(store, catalog, view.revision, check).alike(sought.asked.keyword, LOOKED_AT):
        nearness[key] = max(nearness.get(key, 0.0), similarity)
    keys = list(nearness)
    found = view.postings(np.array(keys, dtype=np.uint64), None)
    counts = {key: sum(len(own.found[place]) for own in found) for place, key in enumerate(keys)}
    known = [key for key in keys if counts[key]]
    texts = store.keyword_texts(catalog.catalog_id, known)
    known.sort(key=lambda key: (-round(nearness[key], _DIGITS), -counts[key], texts.get(key, ""), key))
    chosen = known[:MOST]
    looked = [_Where(found, keys.index(key)).look(view.languages) for key in chosen]
    spelled = _spelled(chosen, looked, store, catalog)
    return tuple(
        KeywordCount(spelling or texts.get(key, ""), language, counts[key])
        for key, spelling, (language, _) in zip(chosen, spelled, looked, strict=True)
    )


def _sharing_words(sought: Sought, store: Store, catalog: Catalog) -> dict[int, float]:
    """Return keywords that share words with one that is asked for, by key: twice the words that both have, of all.

    (The Dice coefficient: L. R. Dice, Measures of the Amount of Ecologic Association Between Species, 1945.)
    """
    nearness: dict[int, float] = {}
    for own in sought.readings:
        shared = Counter(key for word in sorted(own.words) for key in store.keywords_with(catalog.catalog_id, [word]))
        most = [key for key, _ in shared.most_common(LOOKED_AT)]
        for key, text in store.keyword_texts(catalog.catalog_id, most).items():
            words = max(len(text.split()), shared[key])
            nearness[key] = max(nearness.get(key, 0.0), 2 * shared[key] / (len(own.words) + words))
    return nearness


class _Where(NamedTuple):
    """Where one of the terms is that were looked for."""

    found: Sequence[Postings]
    place: int

    def look(self, languages: Collection[str]) -> tuple[str, list[str]]:
        """Return the language in which it is most frequent, of equal ones the first by name, and videos there.

        `languages`: of the catalog. At most `READ` videos, evenly spread.
        """
        rows = [(own, row) for own in self.found for row in own.found[self.place].tolist()]
        if len(languages) == 1:
            (language,) = languages
        else:
            of_rows = [own.language(row) for own, row in rows]
            language = _most_frequent(Counter(of_rows))
            rows = [row for row, own in zip(rows, of_rows, strict=True) if own == language]
        step = -(-len(rows) // READ)
        return language, [own.columns.video_id(int(own.rows.videos[row])) for own, row in rows[::step]]


def _spelled(keys: Sequence[int], looked: Sequence[tuple[str, list[str]]], store: Store, catalog: Catalog) -> list[str]:
    """Return for each term how it is mostly spelled. `looked`: the language and the videos to look at, for each."""
    wanted = [
        (place, (video_id, language)) for place, (language, video_ids) in enumerate(looked) for video_id in video_ids
    ]
    spellings: list[Counter[str]] = [Counter() for _ in keys]
    for some in store.keyword_sets(catalog.catalog_id, [pair for _, pair in wanted]):
        for at, _, keyword_set in some:
            place = wanted[at][0]
            stemmer = stemmer_name(keyword_set.language)
            for text in keyword_set.texts:
                own = keys_of(text, stemmer, catalog.settings)
                if own is not None and own.phrase == keys[place]:
                    spellings[place][catalog.settings.resolve(text) or text] += 1
    return [_most_frequent(own) for own in spellings]


def _most_frequent(counts: Counter[str]) -> str:
    """Return what was counted most often, of equal ones the first by name; empty if nothing was."""
    return min(counts, key=lambda one: (-counts[one], one), default="")
