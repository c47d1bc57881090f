"""Exclusions: keywords that promotions keep away from."""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from ..index.arrays import Int32s
from ..index.port import View
from ..search.asked import AskedKeyword, KeywordKeys, KeywordMatch, readings_of, unpacked
from ..store.port import Catalog, Store
from .screens import SetScreen, VideoScreen


class Exclusions:
    """Some keywords that are asked for, any of which excludes. `languages`: those of the catalog."""

    def __init__(self, asked: Iterable[AskedKeyword], catalog: Catalog, languages: Collection[str]) -> None:
        self._phrases: set[int] = set()
        self._words: dict[int, list[frozenset[int]]] = {}
        """What has to be in a keyword, by one of the words."""
        self._known: dict[bytes, bool] = {}
        for one in asked:
            for own in readings_of(one, catalog.settings, languages):
                if one.match is KeywordMatch.EXACT:
                    self._phrases.add(own.phrase)
                else:
                    self._words.setdefault(min(own.words), []).append(own.words)

    def __bool__(self) -> bool:
        return bool(self._phrases or self._words)

    def matches(self, packed: bytes) -> bool:
        """Tell whether a keyword is excluded. `packed`: its keys (see `keyword_keys`)."""
        known = self._known.get(packed)
        if known is None:
            known = self._known[packed] = bool(packed) and self._matches(unpacked(packed))
        return known

    def are_in(self, video: VideoScreen) -> bool:
        """Tell whether an excluded keyword is in any keyword set of a video."""
        return bool(self) and any(self.matches(packed) for own in video.sets for packed in own.packed)

    def spans(self, video: VideoScreen) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return when excluded keywords are on screen in a video, whatever their language: starts and ends."""
        parts = [self._spans(own) for own in video.sets] if self else []
        starts, ends = [part[0] for part in parts], [part[1] for part in parts]
        return (np.concatenate(starts), np.concatenate(ends)) if parts else (np.empty(0), np.empty(0))

    def _spans(self, own: SetScreen) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        excluded = np.array([self.matches(packed) for packed in own.packed], dtype=bool)
        rows = np.repeat(excluded, np.diff(own.screen.bounds))
        return own.screen.starts[rows], own.screen.ends[rows]

    def _matches(self, keyword: KeywordKeys) -> bool:
        return keyword.phrase in self._phrases or any(
            asked <= keyword.words for word in keyword.words for asked in self._words.get(word, ())
        )

    def videos(self, store: Store, catalog: Catalog, view: View) -> list[Int32s]:
        """Return, for each segment of a view, the positions of the videos that have an excluded keyword."""
        terms = set(self._phrases)
        for words in (asked for several in self._words.values() for asked in several):
            terms.update(words if len(words) == 1 else store.keywords_with(catalog.catalog_id, sorted(words)))
        keys = np.array(sorted(terms), dtype=np.uint64)
        none = np.empty(0, dtype=np.int32)
        return [own.rows.videos[np.concatenate([none, *own.found])] for own in view.postings(keys, None)]
