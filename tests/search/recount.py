"""Keywords counted video by video, from the formulas alone: what statistics are compared with."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matchcut_server.index.filter import Filter
from matchcut_server.insights.model import Keyword, KeywordSet, Video
from matchcut_server.insights.text import normalise
from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.terms import split_keyword, stemmer_name
from matchcut_server.vectors.video import facts_of
from tests import naive


@dataclass(frozen=True)
class Known:
    """A keyword of a video that can match."""

    text: str
    language: str
    phrase: str
    words: frozenset[str]
    confidence: float
    tenths: frozenset[int]
    """Which tenths of a second it is on screen."""
    spans: tuple[tuple[float, float], ...]


def resolved(text: str, settings: CatalogSettings) -> str | None:
    aliases = {normalise(alias): canonical for alias, canonical in settings.keyword_aliases}
    ignored = {normalise(one) for one in settings.ignored_keywords}
    canonical = aliases.get(normalise(text), text)
    return None if {normalise(text), normalise(canonical)} & ignored else canonical


def known(video: Video, own: KeywordSet, settings: CatalogSettings) -> list[Known]:
    """List the keywords of a keyword set that can match."""
    found = []
    for keyword in own.keywords:
        text = resolved(keyword.text, settings)
        terms = split_keyword(text or "", stemmer_name(own.language))
        if text is not None and terms.phrase and keyword.confidence != 0.0:
            confidence = 0.75 if keyword.confidence is None else keyword.confidence
            spans = tuple(clipped(keyword, video.duration))
            tenths = frozenset(at for start, end in spans for at in range(round(start * 10), round(end * 10)))
            found.append(Known(text, own.language, terms.phrase, frozenset(terms.words), confidence, tenths, spans))
    return found


def clipped(keyword: Keyword, duration: float) -> Iterator[tuple[float, float]]:
    for one in keyword.instances:
        end = min(one.end, duration) if duration else one.end
        if one.start < end:
            yield one.start, end


def known_sets(video: Video, settings: CatalogSettings) -> list[list[Known]]:
    """List the keyword sets that have any keyword that can match."""
    return [own for one in video.keyword_sets if (own := known(video, one, settings))]


def allowed_videos(videos: Iterable[Video], now: float | None, allowed: Filter | None) -> list[Video]:
    def is_allowed(video: Video) -> bool:
        facts = facts_of(video, 1)
        if now is None:
            return allowed is None or naive.allows(allowed, facts)
        published = video.published_time is None or video.published_time <= now
        return published and naive.may_be_returned(facts, max(now, 0.0), allowed, ())

    return [video for video in videos if is_allowed(video)]


def matches(asked: AskedKeyword, keyword: Known, languages: Iterable[str], settings: CatalogSettings) -> bool:
    text = resolved(asked.keyword, settings)
    for tag in [asked.language] if asked.language else [settings.default_language, *languages]:
        terms = split_keyword(text or "", stemmer_name(tag))
        if not terms.phrase:
            continue
        if asked.match is KeywordMatch.EXACT and terms.phrase == keyword.phrase:
            return True
        if asked.match is KeywordMatch.WORDS and set(terms.words) <= keyword.words:
            return True
    return False


def runs(tenths: Iterable[int]) -> int:
    """Count the spans that tenths of a second make up."""
    own = set(tenths)
    return sum(at - 1 not in own for at in own)


def most_frequent(values: Iterable[str]) -> str:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))
