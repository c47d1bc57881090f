"""Timelines, read back as an editor reads them."""

import opentimelineio as otio
import pytest

from matchcut_server.story.timeline import as_edl, as_otio
from tests.story.cuts import cut

CUTS = [
    cut("london-walk", 10.2, 15, title="A walk in\nLondon"),
    cut("review", 3, 7, source_video_id="film-4711", source_start=600.0),
    cut("tiny", 59.99, 60),
]


def clips(text: str, adapter: str, **options: object) -> list[tuple[str, str, float, float]]:
    """List source, name, start and length in seconds of what is on the track."""
    timeline = otio.adapters.read_from_string(text, adapter, **options)
    if isinstance(timeline, otio.schema.SerializableCollection):
        [timeline] = timeline
    found = []
    for clip in timeline.find_clips():
        source = clip.source_range
        found.append(
            (clip.media_reference.name, clip.name, source.start_time.to_seconds(), source.duration.to_seconds())
        )
    return found


EXPECTED = [
    ("london-walk", "A walk in London", 10.2, 4.8),
    ("film-4711", "about review", 600.0, 4.0),
    ("tiny", "about tiny", 60.0, 0.04),
]


def test_an_otio_timeline_has_the_cuts_at_the_times_of_their_sources() -> None:
    assert clips(as_otio(CUTS, "Story", 25), "otio_json") == EXPECTED


def test_a_timeline_tells_why_a_cut_is_there() -> None:
    timeline = otio.adapters.read_from_string(as_otio(CUTS[:1], "Story", 25), "otio_json")
    [clip] = timeline.find_clips()
    told = clip.metadata["matchcut"]
    assert {**told, "keywords": list(told["keywords"])} == {
        "video_id": "london-walk",
        "score": 1.0,
        "keywords": ["keyword of london-walk"],
    }
    assert clip.available_range().duration.to_seconds() == 60


def test_an_edl_has_the_cuts_one_after_another() -> None:
    text = as_edl(CUTS, "Feature", 25)
    assert text.startswith("TITLE: Feature\n")
    events = [line.split() for line in text.splitlines() if line[:3].isdecimal()]
    assert [event[1] for event in events] == ["london-walk", "film-4711", "tiny"]
    assert [event[4:] for event in events] == [
        ["00:00:10:05", "00:00:15:00", "00:00:00:00", "00:00:04:20"],
        ["00:10:00:00", "00:10:04:00", "00:00:04:20", "00:00:08:20"],
        ["00:01:00:00", "00:01:00:01", "00:00:08:20", "00:00:08:21"],
    ]
    assert [(name, start) for _, name, start, _ in clips(text, "cmx_3600", rate=25)] == [
        (name, start) for _, name, start, _ in EXPECTED
    ]


@pytest.mark.parametrize("rate", [23.976, 24, 25, 29.97, 30, 50, 59.94, 60])
def test_every_usual_rate_has_a_timecode(rate: float) -> None:
    assert "001  london-walk" in as_edl(CUTS, "Feature", rate)


def test_a_rate_without_timecode_is_refused() -> None:
    with pytest.raises(ValueError, match="17 frames a second have no timecode"):
        as_edl(CUTS, "Feature", 17)
