"""Segments: videos laid out in arrays, never changed once made.

A segment holds raw tf. IDF and the length of a vector change with every write to the catalog, so a query brings the IDF
and a view the lengths.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..vectors.scheme import FloatArray
from ..vectors.video import VideoFacts

IntArray = NDArray[np.int64]
Positions = NDArray[np.int32]


class Columns:
    """What filters ask of the videos of a segment."""

    def __init__(self, videos: Sequence[VideoFacts]) -> None:
        self.videos = videos
        self.duration = np.array([video.duration for video in videos], dtype=np.float64)
        self.published = np.array([_or(video.published_time, -np.inf) for video in videos], dtype=np.float64)
        self.expire = np.array([_or(video.expire_time, np.inf) for video in videos], dtype=np.float64)

    @cached_property
    def languages(self) -> Mapping[str, Positions]:
        """Positions of the videos that have a keyword set in each language, an empty one too."""
        found: dict[str, list[int]] = {}
        for position, video in enumerate(self.videos):
            for language in video.languages:
                found.setdefault(language, []).append(position)
        return {language: np.array(positions, dtype=np.int32) for language, positions in found.items()}

    @cached_property
    def attributes(self) -> Mapping[str, Mapping[str, Positions]]:
        """Positions of the videos that have each value of each attribute."""
        found: dict[str, dict[str, list[int]]] = {}
        for position, video in enumerate(self.videos):
            for name, values in video.attributes.items():
                for value in values:
                    found.setdefault(name, {}).setdefault(value, []).append(position)
        return {
            name: {value: np.array(positions, dtype=np.int32) for value, positions in values.items()}
            for name, values in found.items()
        }

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Position of each video, by id."""
        return {video.video_id: position for position, video in enumerate(self.videos)}

    @cached_property
    def rank(self) -> IntArray:
        """Place of each video among all, by id."""
        order = sorted(range(len(self.videos)), key=lambda position: self.videos[position].video_id)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def positions_of(self, video_ids: Collection[str]) -> list[int]:
        """Return the positions of those of some videos that are here."""
        found = self.positions
        return [found[video_id] for video_id in video_ids if video_id in found] if video_ids else []

    def any_of(self, groups: Iterable[Positions | list[int]]) -> NDArray[np.bool_]:
        """Tell for each video whether it is in any of the groups of positions."""
        mask = np.zeros(len(self.videos), dtype=bool)
        for positions in groups:
            mask[positions] = True
        return mask


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


class Postings:
    """One block of the vectors of a segment, by row (a keyword set) and by term.

    `lengths`: number of terms of each row, none 0. `terms`: their ids, row by row, in the order of their keys, so
    that sums do not depend on ids. `frequencies`: their tf.
    """

    def __init__(self, lengths: IntArray, terms: IntArray, frequencies: NDArray[np.float32]) -> None:
        self.starts: IntArray = np.concatenate(([0], np.cumsum(lengths)))
        """Where each row begins in `terms` and `frequencies`; the last entry is their length."""
        self.terms = terms
        self.frequencies = frequencies
        order = np.argsort(terms, kind="stable")
        by_term = terms[order]
        first = np.flatnonzero(np.concatenate(([True], by_term[1:] != by_term[:-1])))
        self._own_terms = by_term[first]
        self._bounds: IntArray = np.concatenate((first, [len(by_term)]))
        self._rows = np.repeat(np.arange(len(lengths)), lengths)[order]
        self._row_frequencies = frequencies[order]

    def row_terms(self, row: int) -> IntArray:
        """Return the term ids of a row, all different."""
        return self.terms[self.starts[row] : self.starts[row + 1]]

    def take(self, rows: IntArray) -> tuple[IntArray, IntArray, NDArray[np.float32]]:
        """Return lengths, terms and frequencies of some rows."""
        starts, ends = self.starts[rows], self.starts[rows + 1]
        taken = ranges(starts, ends)
        return ends - starts, self.terms[taken], self.frequencies[taken]

    def norms(self, idf: FloatArray) -> FloatArray:
        """Return the L2 norm of tf · idf of every row."""
        weights = self.frequencies * idf[self.terms]
        norms: FloatArray = np.sqrt(np.add.reduceat(weights * weights, self.starts[:-1]))
        return norms

    def products(self, terms: IntArray, weights: FloatArray) -> FloatArray:
        """Return Σ weight · tf for every row, over the query's different `terms`."""
        at = np.searchsorted(self._own_terms, terms)
        found = self._own_terms[np.minimum(at, len(self._own_terms) - 1)] == terms
        starts, ends = self._bounds[at[found]], self._bounds[at[found] + 1]
        taken = ranges(starts, ends)
        contributions = self._row_frequencies[taken] * np.repeat(weights[found], ends - starts)
        sums = np.bincount(self._rows[taken], contributions, minlength=len(self.starts) - 1)
        return sums.astype(np.float64, copy=False)  # bincount gives integers for no contributions

    def exact_products(self, rows: IntArray, terms: IntArray, weights: FloatArray) -> FloatArray:
        """Return Σ weight · tf for at least one row, summed in the order of the row's terms; `terms` ascending.

        The one function that decides scores, whichever way candidates were found.
        """
        if len(terms) == 0:
            return np.zeros(len(rows))
        lengths, row_terms, frequencies = self.take(rows)
        at = np.minimum(np.searchsorted(terms, row_terms), len(terms) - 1)
        products = np.where(terms[at] == row_terms, weights[at], 0.0) * frequencies
        return np.add.reduceat(products, np.cumsum(lengths) - lengths)


def ranges(starts: IntArray, ends: IntArray) -> IntArray:
    """Concatenate the integers of several ranges."""
    lengths = ends - starts
    offsets: IntArray = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return offsets + np.arange(len(offsets))


class Segment:
    """Videos that can match; each has one row for each keyword set that is not empty, at least one.

    `rows`: the number of rows of each video. `languages`: the language of each row.
    """

    def __init__(
        self, videos: Sequence[VideoFacts], rows: IntArray, languages: Sequence[str], phrases: Postings, words: Postings
    ) -> None:
        self.columns = Columns(videos)
        self.row_counts = rows
        self.first_row: IntArray = np.concatenate(([0], np.cumsum(rows)))
        """Where the rows of each video begin; the last entry is the number of rows."""
        self.languages = languages
        self.phrases = phrases
        self.words = words

    def __len__(self) -> int:
        return len(self.columns.videos)

    def rows_of(self, videos: IntArray) -> IntArray:
        """Return the rows of some videos, by position."""
        return ranges(self.first_row[videos], self.first_row[videos + 1])

    def best_of_rows(self, row_scores: FloatArray) -> FloatArray:
        """Return for each video the highest score of its rows."""
        if len(row_scores) == len(self):
            return row_scores
        return np.maximum.reduceat(row_scores, self.first_row[:-1])

    @staticmethod
    def merge(parts: Sequence[tuple["Segment", NDArray[np.bool_]]]) -> "Segment":
        """Make one segment of the videos that are alive in several; at least one is."""
        kept = [(segment, np.flatnonzero(alive)) for segment, alive in parts]
        rows = [(segment, segment.rows_of(videos)) for segment, videos in kept]
        return Segment(
            [segment.columns.videos[i] for segment, videos in kept for i in videos.tolist()],
            np.concatenate([segment.row_counts[videos] for segment, videos in kept]),
            [segment.languages[row] for segment, some in rows for row in some.tolist()],
            _concatenate([segment.phrases.take(some) for segment, some in rows]),
            _concatenate([segment.words.take(some) for segment, some in rows]),
        )


def _concatenate(parts: Sequence[tuple[IntArray, IntArray, NDArray[np.float32]]]) -> Postings:
    lengths, terms, frequencies = zip(*parts, strict=True)
    return Postings(np.concatenate(lengths), np.concatenate(terms), np.concatenate(frequencies))
