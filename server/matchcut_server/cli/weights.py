"""Keywords and videos with a weight, as they are written on a command line."""

from matchcut_client import Interest, VideoSeed


def parse_interest(text: str) -> Interest:
    """Read `KEYWORD[=WEIGHT]`; what follows the last `=` is the weight if it is a number."""
    keyword, weight = parse_weighted(text)
    return Interest(keyword=keyword) if weight is None else Interest(keyword=keyword, weight=weight)


def parse_seed(text: str) -> VideoSeed:
    """Read `VIDEO_ID[=WEIGHT]`, likewise."""
    video_id, weight = parse_weighted(text)
    return VideoSeed(video_id) if weight is None else VideoSeed(video_id, weight)


def parse_weighted(text: str) -> tuple[str, float | None]:
    """Split `TEXT[=WEIGHT]`; None if there is no weight."""
    before, separator, weight = text.rpartition("=")
    if separator:
        try:
            return before.strip(), float(weight)
        except ValueError:
            pass
    return text.strip(), None
