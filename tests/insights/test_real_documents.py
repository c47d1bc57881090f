"""Real documents, of 2018 to 2024: as they are reduced in `tests/data/real`, and whole where they are at hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from matchcut_server.vectors.keyword_vector import TICKS_PER_SECOND, on_screen_seconds, vectorise
from matchcut_server.vectors.settings import CatalogSettings
from tests.documents import REAL, RETIRED, read, read_video

FACTS = {
    "avinsights-xo2go3wk9v.json": ("xo2go3wk9v", "en-US", 15, 37, 698.681),
    "azs-3i36ju6qq6-he.json": ("3i36ju6qq6", "he-IL", 1, 1, 114.173),
    "azs-8r3kil0qj5.json": ("8r3kil0qj5", "en-US", 21, 53, 114.173),
    "azs-d4kbrk5z1s.json": ("d4kbrk5z1s", "en-US", 21, 53, 114.173),
    "azs-fog0dqjq1e-nokeywords.json": ("fog0dqjq1e", "en-US", 0, 0, 3.019),
    "bklim5-765ae329c7.json": ("765ae329c7", "en-US", 2, 4, 28.438),
    "vip-exmp1-c1b3c12e75.json": ("c1b3c12e75", "en-US", 2, 4, 12.0),
    "vip-exmp2-a4d67b054f.json": ("a4d67b054f", "en-US", 30, 92, 131.2),
    "vip-func-ddc0d7a818.json": ("ddc0d7a818", "en-US", 2, 3, 88.08),
}
"""Id, language, keywords, instances as written, and exact duration."""


def ticks(text: str) -> int:
    """Read a time as whole ticks of 100 ns."""
    clock, _, fraction = text.partition(".")
    hours, minutes, seconds = map(int, clock.split(":"))
    return (hours * 3600 + minutes * 60 + seconds) * TICKS_PER_SECOND + int(fraction.ljust(7, "0"))


def swept(instances: list[dict[str, str]], end: int) -> int:
    """Count the ticks before `end` that instances cover, by a sweep over where they begin and end."""
    edges = []
    for instance in instances:
        start, stop = ticks(instance["start"]), min(ticks(instance["end"]), end)
        edges += [(start, 1), (stop, -1)] if start < stop else []
    covered = depth = since = 0
    for at, step in sorted(edges, key=lambda edge: (edge[0], -edge[1])):
        if depth == 0:
            since = at
        depth += step
        if depth == 0:
            covered += at - since
    return covered


def raw(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Take keywords and duration out of a document without the reader's help."""
    insights = json.loads(path.read_text(encoding="utf-8"))["videos"][0]["insights"]
    return insights.get("keywords", []), ticks(insights["duration"])


@pytest.mark.parametrize("name", FACTS)
def test_a_real_document_is_read(name: str, real_documents: Path) -> None:
    video_id, language, keywords, instances, duration = FACTS[name]
    written, _ = raw(real_documents / name)

    index = read((real_documents / name).read_bytes())

    (keyword_set,) = index.keyword_sets
    assert (index.video_id, keyword_set.language, index.duration) == (video_id, language, duration)
    assert len(keyword_set.keywords) == len(written) == keywords
    assert sum(len(one["instances"]) for one in written) == instances
    assert [one.text for one in keyword_set.keywords] == [one["text"] for one in written]
    assert [one.confidence for one in keyword_set.keywords] == [one["confidence"] for one in written]
    assert not keyword_set.summarized


@pytest.mark.parametrize("name", FACTS)
def test_on_screen_durations_agree_with_a_sweep_over_the_instances(name: str, real_documents: Path) -> None:
    written, end = raw(real_documents / name)
    expected = [swept(one["instances"], end) for one in written]

    video = read_video((real_documents / name).read_bytes())

    (keyword_set,) = video.keyword_sets
    measured = on_screen_seconds(keyword_set, video.duration).tolist()
    assert [round(seconds * TICKS_PER_SECOND) for seconds in measured] == expected
    assert vectorise(keyword_set, video.duration, CatalogSettings()).counts.on_screen_ticks == sum(expected)


def test_there_is_no_other_real_document(real_documents: Path) -> None:
    assert {path.name for path in real_documents.glob("*.json")} == {*FACTS, RETIRED}


@pytest.mark.parametrize("name", FACTS)
def test_a_reduced_document_says_the_same_as_the_whole_one(name: str, whole_documents: Path) -> None:
    assert read((REAL / name).read_bytes()) == read((whole_documents / name).read_bytes())


def test_what_is_kept_beside_the_tests_names_no_user_and_holds_no_token() -> None:
    for path in REAL.glob("*.json"):
        text = path.read_text(encoding="utf-8").lower()
        assert "username" not in text
        assert "token" not in text
