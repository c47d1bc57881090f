"""`matchcut export`, and what comes of importing it."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matchcut_client import (
    CatalogSettings,
    Instance,
    Keyword,
    KeywordAlias,
    KeywordSet,
    MatchcutClient,
    Video,
    VideoIndex,
    WeightingScheme,
)
from matchcut_client.videos import VideoView
from tests.cli.command import EXAMPLES, document, matchcut
from tests.documents import SYNTHETIC

SETTINGS = CatalogSettings(
    weighting_scheme=WeightingScheme.SQRT,
    default_language="de-DE",
    ignored_keywords=("today", "people"),
    keyword_aliases=(KeywordAlias("uk", "united kingdom"), KeywordAlias("großbritannien", "united kingdom")),
)
CUT = Instance(1.5, 2.25, source_video_id="other", source_start_seconds=100.125, source_end_seconds=100.875)
VIDEOS = [
    Video(
        "everything",
        title="Ein Titel – „quoted“ \\ 日本 🎬",
        duration_seconds=61.0330001,
        published_time=datetime(2024, 2, 29, 23, 59, 59, 123457, tzinfo=UTC),
        expire_time=datetime(2199, 1, 1, tzinfo=UTC),
        attributes={"genre": ("drama", "history"), "country": ("uk",)},
        keyword_sets=(
            KeywordSet("de-DE", (Keyword("Meer", 1 / 3, (Instance(0.1, 0.30000000000000004), Instance(0.2, 61.0))),)),
            KeywordSet("en-US", (Keyword("sea", 0.6211, (CUT,)), Keyword("UK", None, (Instance(0, 1),)))),
            KeywordSet("ja-JP", (Keyword("海", 0.0), Keyword("no instances", None)), summarized=True),
        ),
    ),
    Video("nothing"),
    Video("without keywords", title="t", keyword_sets=(KeywordSet("en-GB"),)),
]


def fill(client: MatchcutClient) -> None:
    """Put in what is hard to keep, a project, the example catalog, and more than a page."""
    client.update_catalog(SETTINGS)
    assert not client.upsert_videos(VIDEOS).rejected
    names = ("project.json", "several-languages.json", "nulls.json", "messy-times.json", "summarized-only.json")
    documents = [(SYNTHETIC / name).read_bytes() for name in names]
    documents += [path.read_bytes() for path in sorted(EXAMPLES.glob("*.json"))]
    documents += [document(f"more-{number}", f"keyword {number}", "sea") for number in range(150)]
    assert not client.import_video_indexes([VideoIndex(content) for content in documents]).rejected


def held(client: MatchcutClient, catalog: str) -> dict[str, object]:
    """Return all that a catalog holds, but for the revisions at which it was written."""
    answer = client.get_catalog(catalog)
    videos = client.iter_videos(view=VideoView.FULL, catalog=catalog)
    interests = ["sea", "film festival", "united kingdom", "today", "海"]
    recommended = client.recommend_videos(
        interests, explain=True, include_metadata=True, page_size=100, catalog=catalog
    ).recommendations
    return {
        "settings": answer.catalog.settings,
        "statistics": answer.statistics,
        "videos": list(map(unwritten, videos)),
        "recommendations": [replace(one, video=one.video and unwritten(one.video)) for one in recommended],
    }


def unwritten(video: Video) -> Video:
    """Return a video as it was before it was written."""
    return replace(video, revision=0)


def test_a_whole_catalog_comes_back_in_another_catalog_and_on_another_server(
    client: MatchcutClient, catalog: str, other_server: str, tmp_path: Path
) -> None:
    fill(client)
    path = str(tmp_path / "all.ndjson.gz")
    outcome = matchcut("export", path)
    assert (outcome.code, outcome.out) == (0, "")
    expected = held(client, catalog)
    count = len(client.list_videos(page_size=1000).videos)
    assert outcome.err == f"exported {count} videos of catalog '{catalog}'\n"

    for target in ([], ["--server", other_server]):
        back = matchcut("import", path, "--catalog", f"{catalog}-back", *target)
        assert back.code == 0, back.err
        assert back.out.startswith(f"{count} documents: {count} created, 0 updated, 0 unchanged, 0 rejected\n")
    assert held(client, f"{catalog}-back") == expected
    with MatchcutClient(other_server) as other:
        assert held(other, f"{catalog}-back") == expected
        # Where a video comes from, and its times there, are among what is kept.
        kept = {video.video_id: video for video in VIDEOS}["everything"]
        assert other.get_video("everything", catalog=f"{catalog}-back").video.keyword_sets == kept.keyword_sets


def test_importing_what_was_just_exported_changes_nothing(client: MatchcutClient, catalog: str) -> None:
    fill(client)
    times = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(microseconds=number * 1_234_567) for number in range(200)]
    client.upsert_videos([Video(f"at-{number}", published_time=time) for number, time in enumerate(times)])
    exported = matchcut("export")
    answer = matchcut("import", "-", "--json", stdin=exported.out.encode()).json
    assert answer["unchanged"] == client.get_catalog().statistics.video_count
    assert (answer["created"], answer["updated"], answer["rejected"]) == (0, 0, 0)
    assert matchcut("export").out == exported.out


def test_an_export_is_the_same_in_a_file_a_compressed_one_and_on_standard_output(
    client: MatchcutClient, tmp_path: Path
) -> None:
    client.upsert_videos(VIDEOS)
    plain, compressed = tmp_path / "all.ndjson", tmp_path / "all.ndjson.gz"
    assert matchcut("export", str(plain)).code == matchcut("export", str(compressed)).code == 0
    printed = matchcut("export", "-").out.encode()
    assert plain.read_bytes() == gzip.decompress(compressed.read_bytes()) == printed
    first, *others = map(json.loads, printed.splitlines())
    assert first["settings"]["weighting_scheme"] == "LOG"
    assert [line["video"]["video_id"] for line in others] == sorted(video.video_id for video in VIDEOS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.ndjson", "all.ndjson.gz"]


def test_an_export_of_an_empty_catalog_holds_its_settings(catalog: str, client: MatchcutClient) -> None:
    client.update_catalog(SETTINGS)
    exported = matchcut("export").out
    assert exported.count("\n") == 1
    outcome = matchcut("import", "-", "--catalog", f"{catalog}-back", stdin=exported.encode())
    assert outcome.code == 0
    assert client.get_catalog(f"{catalog}-back").catalog.settings == client.get_catalog().catalog.settings


def test_a_summary_for_programs_comes_with_a_file(client: MatchcutClient, catalog: str, tmp_path: Path) -> None:
    client.upsert_videos(VIDEOS)
    assert matchcut("export", str(tmp_path / "a.ndjson"), "--json").json == {"catalog": catalog, "videos": 3}
    assert matchcut("export", "--json").out == (tmp_path / "a.ndjson").read_text(encoding="utf-8")


def test_lines_of_an_export_that_cannot_be_read_are_named_and_the_others_kept(client: MatchcutClient) -> None:
    client.upsert_videos([Video("v1"), Video("v2"), Video("v3")])
    settings, first, second, third = matchcut("export").out.encode().splitlines()
    client.delete_videos(["v1", "v2", "v3"])
    newer = second.replace(b'{"matchcut_export":1', b'{"matchcut_export":2')
    invalid = third.replace(b'"video_id":"v3"', b'"video_id":""')
    lines = [settings, first[:-3], newer, invalid, third, document("v4", "sea")]
    outcome = matchcut("import", "-", stdin=b"\n".join(lines))
    assert outcome.code == 1
    assert [line.split(": ")[0] for line in outcome.err.splitlines()] == [f"rejected -:{n}" for n in (2, 3, 4)]
    assert "format 2, and 1 is known" in outcome.err
    assert [video.video_id for video in client.iter_videos()] == ["v3", "v4"]


def test_a_dry_run_of_an_export_writes_neither_videos_nor_settings(client: MatchcutClient) -> None:
    client.upsert_videos(VIDEOS)
    exported = matchcut("export").out.encode()
    client.delete_videos([video.video_id for video in VIDEOS])
    client.update_catalog(SETTINGS)
    outcome = matchcut("import", "-", "--dry-run", stdin=exported)
    assert outcome.out.startswith("3 documents: 3 created")
    assert client.get_catalog().statistics.video_count == 0
    assert client.get_catalog().catalog.settings.default_language == "de-DE"


@pytest.mark.usefixtures("catalog")
def test_an_export_that_fails_leaves_the_file_of_that_name_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    path.write_text("precious", encoding="utf-8")
    assert matchcut("export", str(path), "--catalog", "nowhere").code == 3
    assert path.read_text(encoding="utf-8") == "precious"
    assert [one.name for one in tmp_path.iterdir()] == ["all.ndjson"]


@pytest.mark.usefixtures("catalog")
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for name, problem in (
        ("none/x", "No such file or directory"),
        ("file/x", "Not a directory"),
        ("folder", "Is a directory"),
    ):
        outcome = matchcut("export", str(tmp_path / name))
        assert outcome.code == 3
        assert outcome.err == f"matchcut export: {tmp_path / name}: {problem}\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]
