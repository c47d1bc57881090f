"""The benchmarks run, and what they measure is what they say."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.documents import keyword_documents, whole_documents
from benchmarks.synthetic import LANGUAGE, catalog, indexed_videos, profiles
from matchcut_client import reduce_video_index
from matchcut_server.insights.report import Report
from matchcut_server.insights.video_index import read_video_index
from matchcut_server.vectors.keyword_vector import vectorise
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.weighting import BLOCKS

ROOT = Path(__file__).parents[2]
SIZE, DOCUMENTS, WHOLE_DOCUMENTS = 10_000, 400, 20
"""As in a quick run, so that what it has cached is used here and the other way round."""


def test_a_quick_run_ends_well_and_prints_a_row_for_all_that_is_measured() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"], check=False, cwd=ROOT, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stderr
    for what in ("search of Matchcut", "scipy", "first search after a write", "RecommendVideos", "empty RPC", "import"):
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


@pytest.mark.parametrize("number", [0, WHOLE_DOCUMENTS - 1])
def test_a_whole_document_is_large_and_reduces_to_what_an_import_reads(number: int) -> None:
    whole = whole_documents(SIZE, WHOLE_DOCUMENTS)[number]
    report = Report()

    reduced = reduce_video_index(whole)

    assert len(whole) >= 200_000 > 10 * len(reduced)
    assert read_video_index(reduced, LANGUAGE, report) == read_video_index(whole, LANGUAGE, report)
