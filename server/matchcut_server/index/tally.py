"""Statistics kept up to date, video by video."""

from collections import Counter

from ..vectors.keyword_vector import TICKS_PER_SECOND
from ..vectors.video import IndexedVideo
from .port import Statistics


class Tally:
    """Counts videos in and out. Only whole numbers, so that what was added can be taken away exactly."""

    def __init__(self) -> None:
        self._videos: dict[str, Statistics] = {}
        self._total: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._videos)

    def __contains__(self, video_id: str) -> bool:
        return video_id in self._videos

    def add(self, video: IndexedVideo) -> None:
        """Count a video, in the place of the one of the same id if there is one."""
        own, before = count(video), self._videos.get(video.facts.video_id)
        self._videos[video.facts.video_id] = own
        self.change(own, 1)
        if before is not None:
            self.change(before, -1)

    def remove(self, video_id: str) -> None:
        """Take away a video that was added."""
        self.change(self._videos.pop(video_id), -1)

    @property
    def videos(self) -> int:
        """All of them."""
        return self._total["videos"]

    @property
    def keyword_sets(self) -> int:
        """Those with at least one term."""
        return self._total["keyword_sets"]

    def statistics(self) -> Statistics:
        """Return the sums; terms are counted elsewhere."""
        languages = {language: count for language, count in sorted(self._languages.items()) if count}
        return Statistics(**self._total, languages=languages)

    def change(self, own: Statistics, sign: int) -> None:
        """Add counts, or take them away with a `sign` of -1."""
        for name in _SUMMED:
            self._total[name] += sign * getattr(own, name)
        for language, count in own.languages.items():
            self._languages[language] += sign * count


def count(video: IndexedVideo) -> Statistics:
    """Return what one video counts for; its terms are counted elsewhere."""
    counts = [vector.counts for vector in video.vectors]
    on_screen = [divmod(own.on_screen_ticks, TICKS_PER_SECOND) for own in counts]
    return Statistics(
        videos=1,
        videos_without_keywords=int(not any(own.keywords for own in counts)),
        keyword_sets=sum(not vector.is_empty for vector in video.vectors),
        keywords=sum(own.keywords for own in counts),
        on_screen_seconds=sum(seconds for seconds, _ in on_screen),
        on_screen_ticks=sum(ticks for _, ticks in on_screen),
        defaulted_confidences=sum(own.defaulted_confidences for own in counts),
        defaulted_durations=sum(own.defaulted_durations for own in counts),
        summarized_keyword_sets=sum(vector.summarized for vector in video.vectors),
        languages={vector.language: 1 for vector in video.vectors},
    )


_SUMMED = tuple(
    name for name in Statistics.__struct_fields__ if name not in ("phrase_terms", "word_terms", "languages")
)
