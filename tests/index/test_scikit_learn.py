"""The index against scikit-learn: the same tf gives the same vectors and the same ranking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import KeywordVector
from matchcut_server.vectors.profile import Interest, Profile, make_profile
from matchcut_server.vectors.terms import keyword_terms, stemmer_name
from matchcut_server.vectors.video import IndexedVideo, VideoFacts
from matchcut_server.vectors.weighting import BLOCKS, Block
from tests.documents import real_videos
from tests.index.strategies import vector
from tests.makers import DEFAULTS, indexed
from tests.naive import terms_of

Matrix = NDArray[np.float64]
Texts = dict[Block, set[str]]


class Reference:
    """Keyword sets weighed by scikit-learn, one row each; `columns` are the terms of a block, unknown ones too.

    `texts`: the terms of the sets, and perhaps more.
    """

    def __init__(self, sets: list[KeywordVector], profile: Profile, texts: Texts) -> None:
        self.columns: dict[Block, list[str]] = {}
        self.vectors: dict[Block, Matrix] = {}
        asked: dict[Block, Matrix] = {}
        for block in BLOCKS:
            rows = [terms_of(one)[block] for one in sets]
            weights: dict[str, float] = getattr(profile, block)
            terms = self.columns[block] = sorted({*weights, *texts[block]})
            keys = [term_key(block, term) for term in terms]
            assert all(row.keys() <= set(keys) for row in rows)
            transformer = TfidfTransformer(smooth_idf=True, norm="l2")
            matrix = csr_matrix(np.array([[row.get(key, 0.0) for key in keys] for row in rows]))
            self.vectors[block] = transformer.fit_transform(matrix).toarray() * np.sqrt(0.5)
            own = np.array([weights.get(term, 0.0) for term in terms]) * transformer.idf_
            asked[block] = own / (np.linalg.norm(own) or 1.0)
        share = np.sqrt(0.5) if profile.phrases and profile.words else 1.0
        self.scores = np.sum([share * self.vectors[block] @ asked[block] for block in BLOCKS], axis=0)


def index_of(sets: list[KeywordVector]) -> MemoryIndex:
    index = MemoryIndex()
    index.apply([IndexedVideo(VideoFacts(f"{row:04}"), (one,)) for row, one in enumerate(sets)], len(sets))
    return index


def check(sets: list[KeywordVector], profile: Profile, texts: Texts) -> None:
    """Compare vectors, read out of the index with queries of one term, and the scores and ranking of a profile."""
    view, reference = index_of(sets).view(), Reference(sets, profile, texts)
    for block in BLOCKS:
        for column, term in enumerate(reference.columns[block]):
            query = Profile({term: 1.0}, {}) if block == "phrases" else Profile({}, {term: 1.0})
            read = np.zeros(len(sets))
            for hit in view.search(query, len(sets), 0.0):
                read[int(hit.video_id)] = hit.score
            assert read == pytest.approx(reference.vectors[block][:, column], abs=1e-6)
    expected = {f"{row:04}": score for row, score in enumerate(reference.scores.tolist()) if round(score, 6) > 0}
    found = view.search(profile, len(sets), 0.0)
    assert {hit.video_id: hit.score for hit in found} == pytest.approx(expected, abs=1e-6)
    ranked = sorted(expected, key=lambda video_id: (-round(expected[video_id], 6), video_id))
    assert [hit.video_id for hit in found] == ranked


def test_the_real_documents_are_weighed_and_ranked_as_by_scikit_learn() -> None:
    sets = [one for video in real_videos() for one in indexed(video).vectors if not one.is_empty]
    split = [
        keyword_terms(keyword.text, stemmer_name(keyword_set.language))
        for video in real_videos()
        for keyword_set in video.keyword_sets
        for keyword in keyword_set.keywords
    ]
    texts: Texts = {"phrases": {one.phrase for one in split}, "words": {word for one in split for word in one.words}}
    interests = [
        Interest("responsible ai", 2.0),
        Interest("news", 1.0),
        Interest("technology"),
        Interest("super bowl", 1.5),
        Interest("people", -0.5),
        Interest("nothing has this"),
    ]
    profile = make_profile(interests, ("en-US", "he-IL"), index_of(sets).view().knows, DEFAULTS)

    check(sets, profile, texts)


@st.composite
def sets_and_profile(draw: st.DrawFn) -> tuple[list[KeywordVector], Profile]:
    terms = st.sampled_from("abcdefg")
    frequencies = st.floats(0.0078125, 100, width=32)
    block = st.dictionaries(terms, frequencies, min_size=1, max_size=5)
    sets = [vector("en", draw(block), draw(block)) for _ in range(draw(st.integers(1, 7)))]
    weights = st.dictionaries(terms | st.just("unknown"), st.floats(-3, 3).filter(lambda w: abs(w) > 0.01), max_size=4)
    return sets, Profile(draw(weights), draw(weights))


@given(sets_and_profile())
def test_any_tf_is_weighed_and_ranked_as_by_scikit_learn(drawn: tuple[list[KeywordVector], Profile]) -> None:
    check(*drawn, {"phrases": set("abcdefg"), "words": set("abcdefg")})
