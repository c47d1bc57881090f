"""Cut lists as timelines of video editors, through OpenTimelineIO (the extra `timeline`): OTIO and CMX 3600 EDL.

Times are those of the source: of the video itself, or for a piece of a video cut from others, of the one it comes from.
"""

from collections.abc import Sequence
from typing import Any

from .cut import Cut

EDL_REEL_LENGTH = 32
"""Characters of a reel's name. The oldest machines read 8; editors of today read 32."""

_RATE_ROUNDING = 0.01
"""How rates such as 29.97 are written."""


def as_otio(cuts: Sequence[Cut], name: str, rate: float) -> str:
    """Write cuts as an OTIO timeline with one video track. `rate`: frames a second.

    Raises `ImportError` without OpenTimelineIO.
    """
    import opentimelineio as otio  # noqa: PLC0415 - an optional extra

    text: str = otio.adapters.write_to_string(_timeline(cuts, name, rate), "otio_json")
    return text + "\n"


def as_edl(cuts: Sequence[Cut], name: str, rate: float) -> str:
    """Write cuts as a CMX 3600 edit decision list. `rate`: frames a second.

    Raises `ImportError` without OpenTimelineIO, and `ValueError` for a rate that has no timecode.
    """
    import opentimelineio as otio  # noqa: PLC0415 - an optional extra

    exact = otio.opentime.RationalTime.nearest_smpte_timecode_rate(rate)  # 29.97 stands for 30,000 / 1,001
    if abs(exact - rate) > _RATE_ROUNDING:
        raise ValueError(f"{rate:g} frames a second have no timecode; 23.976, 24, 25, 29.97, 30, 50, 59.94 and 60 have")
    timeline = _timeline(cuts, name, exact)
    text: str = otio.adapters.write_to_string(timeline, "cmx_3600", rate=exact, reelname_len=EDL_REEL_LENGTH)
    return text


def _timeline(cuts: Sequence[Cut], name: str, rate: float) -> Any:
    import opentimelineio as otio  # noqa: PLC0415 - an optional extra

    timeline = otio.schema.Timeline(name=name)
    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for cut in cuts:
        track.append(_clip(otio, cut, rate))
    return timeline


def _clip(otio: Any, cut: Cut, rate: float) -> Any:
    source = cut.source_video_id or cut.video_id
    start = cut.start if cut.source_start is None else cut.source_start
    first = round(start * rate)
    frames = max(round((start + cut.length) * rate) - first, 1)
    media = otio.schema.ExternalReference(target_url=source)
    media.name = source
    if not cut.source_video_id and cut.duration:
        whole = max(round(cut.duration * rate), first + frames)
        media.available_range = _range(otio, 0, whole, rate)
    return otio.schema.Clip(
        name=" ".join(cut.title.split()) or cut.video_id,  # a list has a line an event
        media_reference=media,
        source_range=_range(otio, first, frames, rate),
        metadata={
            "cmx_3600": {"reel": source},
            "matchcut": {"video_id": cut.video_id, "score": cut.score, "keywords": list(cut.keywords)},
        },
    )


def _range(otio: Any, first: int, frames: int, rate: float) -> Any:
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(first, rate), time(frames, rate))
