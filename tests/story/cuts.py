"""Cuts for tests."""

from typing import Any

from matchcut_server.story.cut import Cut


def cut(video_id: str, start: float, end: float, score: float = 1.0, published: float = 0.0, **more: Any) -> Cut:
    """Make a cut of a video of a minute."""
    made = Cut(video_id, f"about {video_id}", start, end, score, (f"keyword of {video_id}",), published, 60.0)
    return made._replace(**more)
