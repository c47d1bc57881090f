"""Cuts: the pieces of videos that a story is made of."""

from typing import NamedTuple

from matchcut_client import Moment, Video


class Cut(NamedTuple):
    """One piece of a video, times in seconds from its start."""

    video_id: str
    title: str
    start: float
    end: float
    score: float
    """Of the best moment in it."""
    keywords: tuple[str, ...]
    """Those on screen in its moments, the best moment's first."""
    published: float
    """When the video was published, in Unix seconds; infinity where that is not known."""
    duration: float
    """Of the video; 0 if unknown."""
    source_video_id: str = ""
    """For a video cut from others: the one this piece is of, where it is of one alone."""
    source_start: float | None = None
    """Where the piece begins in that source video."""

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start

    def between(self, start: float, end: float) -> "Cut":
        """Return the part of the cut between two times of its video."""
        shifted = None if self.source_start is None else self.source_start + start - self.start
        return self._replace(start=start, end=end, source_start=shifted)


def cut_of(moment: Moment, video: Video | None) -> Cut:
    """Return a moment as a cut of the same length. `video`: with its metadata, where that is known."""
    published = video.published_time if video else None
    return Cut(
        moment.video_id,
        video.title if video else "",
        moment.span.start_seconds,
        moment.span.end_seconds,
        moment.score,
        moment.keywords,
        published.timestamp() if published else float("inf"),
        video.duration_seconds if video else 0.0,
        moment.source_video_id,
        moment.source_start_seconds,
    )
