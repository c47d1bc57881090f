"""Statistics kept up to date, video by video."""

from collections import Counter

from ..vectors.video import IndexedVideo
from .port import Statistics


class Tally:
    """Counts videos in and out. Only whole numbers, so that what was added can be taken away exactly."""

    def __init__(self) -> None:
        self._videos: dict[str, Statistics] = {}
        self._total: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()

    def __contains__(self, video_id: str) -> bool:
        return video_id in self._videos

    def add(self, video: IndexedVideo) -> None:
        """Count a video that is not counted."""
        counts = [vector.counts for vector in video.vectors]
        own = Statistics(
            videos=1,
            videos_without_keywords=int(not any(count.keywords for count in counts)),
            keyword_sets=sum(not vector.is_empty for vector in video.vectors),
            keywords=sum(count.keywords for count in counts),
            on_screen_ticks=sum(count.on_screen_ticks for count in counts),
            defaulted_confidences=sum(count.defaulted_confidences for count in counts),
            defaulted_durations=sum(count.defaulted_durations for count in counts),
            summarized_keyword_sets=sum(vector.summarized for vector in video.vectors),
            languages={vector.language: 1 for vector in video.vectors},
        )
        self._videos[video.facts.video_id] = own
        self._count(own, 1)

    def remove(self, video_id: str) -> None:
        """Take away a video that is counted."""
        self._count(self._videos.pop(video_id), -1)

    def statistics(self, phrase_terms: int, word_terms: int) -> Statistics:
        """Return the sums, with the numbers of terms in use filled in."""
        languages = {language: count for language, count in sorted(self._languages.items()) if count}
        return Statistics(**self._total, phrase_terms=phrase_terms, word_terms=word_terms, languages=languages)

    def _count(self, own: Statistics, sign: int) -> None:
        for name in _SUMMED:
            self._total[name] += sign * getattr(own, name)
        for language, count in own.languages.items():
            self._languages[language] += sign * count


_SUMMED = tuple(
    name for name in Statistics.__struct_fields__ if name not in ("phrase_terms", "word_terms", "languages")
)
