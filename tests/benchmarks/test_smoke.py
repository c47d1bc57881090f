"""The benchmarks run, and what they measure is what they say."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.catalog import SHARES, catalog
from benchmarks.documents import keyword_documents, whole_documents
from benchmarks.synthetic import SHARE, history_profiles, indexed_videos, profiles, share_name
from benchmarks.vocabulary import LANGUAGE
from matchcut_client import reduce_video_index
from matchcut_server.insights.report import Report
from matchcut_server.insights.video_index import read_video_index
from matchcut_server.vectors.keyword_vector import vectorise
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.weighting import BLOCKS

ROOT = Path(__file__).parents[2]
SIZE, DOCUMENTS, WHOLE_DOCUMENTS = 10_000, 400, 20
"""As in a quick run, so that what it has cached is used here and the other way round."""


@pytest.mark.timeout(900)  # it starts a dozen processes, and makes what is not cached
def test_a_quick_run_ends_well_and_prints_a_row_for_all_that_is_measured() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"], check=False, cwd=ROOT, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stderr
    measured = [
        *("search, 30 interests: Matchcut", "search, history, 400 terms: Matchcut", "scipy", "scikit-learn", "FTS5"),
        *("filter, 0.1%", "batch, 1 core", "growth: search", "memory", "first search after a write"),
        *("RecommendVideos", "empty RPC", "BatchRecommendVideos", "start, to SERVING", "import"),
        *("freshness", "diversity", "explained", "fallback", "similar to 10", "RecordEvents", "UpsertProfiles"),
        *("best 1,000 of 1,000 users", "scipy's product"),
        *("from an event", "stored users, on the disk", "RecommendVideos for a stored user"),
        *("moments: one keyword", "moments: any of 3", "moments: all of 2, within 30 s"),
        "target --users, 1 core",
    ]
    for what in measured:
        assert what in ran.stdout


def test_an_unknown_benchmark_is_refused_by_name() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nonsense"], check=False, cwd=ROOT, capture_output=True, text=True
    )

    assert ran.returncode == 2
    assert "there is no benchmark nonsense" in ran.stderr


def test_videos_and_profiles_have_about_65_terms() -> None:
    terms = sum(len(rows.terms) for rows in catalog(SIZE).blocks.values()) / SIZE

    assert 60 < terms < 70
    assert {len({one.keyword for one in interests}) for interests in profiles(100)} == {30}


def test_documents_give_the_vectors_that_the_index_is_measured_with() -> None:
    videos = indexed_videos(SIZE)
    for document, video in zip(keyword_documents(SIZE, 2 * DOCUMENTS), videos, strict=False):
        report = Report()
        index = read_video_index(document, LANGUAGE, report)
        assert index is not None
        assert not report.adjustments
        assert (index.video_id, index.duration) == (video.facts.video_id, video.facts.duration)
        made = vectorise(index.keyword_sets[0], video.facts.duration, CatalogSettings())
        [expected] = video.vectors
        assert made.counts == expected.counts
        for block in BLOCKS:
            assert getattr(made, block).keys.tolist() == getattr(expected, block).keys.tolist()
            np.testing.assert_allclose(getattr(made, block).frequencies, getattr(expected, block).frequencies, 1e-6)


def test_profiles_of_a_history_have_about_400_terms() -> None:
    counts = [len(profile.phrases) + len(profile.words) for profile in history_profiles(50)]

    assert 390 < np.mean(counts) <= 400


def test_a_filter_can_allow_each_share_of_the_videos() -> None:
    held = [video.facts.attributes.get(SHARE, ()) for video in indexed_videos(SIZE)]

    for share in SHARES:
        assert sum(share_name(share) in values for values in held) / SIZE == pytest.approx(share, rel=0.1, abs=0.001)


def test_a_small_catalog_is_the_beginning_of_a_large_one() -> None:
    large, small = catalog(15_000), catalog(SIZE)

    assert (large.keywords[:SIZE] == small.keywords).all()
    for block in BLOCKS:
        end = small.blocks[block].starts[-1]
        assert large.blocks[block].starts[SIZE] == end
        assert (large.blocks[block].frequencies[:end] == small.blocks[block].frequencies).all()


@pytest.mark.parametrize("number", [0, WHOLE_DOCUMENTS - 1])
def test_a_whole_document_is_large_and_reduces_to_what_an_import_reads(number: int) -> None:
    whole = whole_documents(SIZE, WHOLE_DOCUMENTS)[number]
    report = Report()

    reduced = reduce_video_index(whole)

    assert len(whole) >= 200_000 > 10 * len(reduced)
    assert read_video_index(reduced, LANGUAGE, report) == read_video_index(whole, LANGUAGE, report)
