"""Scores by the formulas alone, in plain Python: what every index is compared with."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from matchcut_server.index.filter import (
    Condition,
    DurationBetween,
    Filter,
    HasAttribute,
    HasId,
    HasLanguage,
    PublishedBetween,
)
from matchcut_server.index.held import HeldVector
from matchcut_server.index.port import Hit, Statistics, rounded
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import TICKS_PER_SECOND, KeywordVector
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo, VideoFacts
from matchcut_server.vectors.weighting import BLOCKS, Block

Idf = Callable[[Block, int], float]
"""IDF of a term, by its key."""


def unit(blocks: Mapping[Block, Mapping[int, float]], idf: Idf) -> dict[tuple[Block, int], float]:
    """Weigh two blocks by IDF, make each of length 1, and join them with equal shares, or one alone."""
    share = math.sqrt(0.5) if all(blocks.values()) else 1.0
    whole = {}
    for block, weights in blocks.items():
        weighted = {key: weight * idf(block, key) for key, weight in weights.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in weighted.values()))
        whole.update({(block, key): share * weight / length for key, weight in weighted.items()})
    return whole


def terms_of(vector: KeywordVector | HeldVector) -> dict[Block, dict[int, float]]:
    """Return tf by the key of the term, of both blocks."""
    pairs = {"phrases": vector.phrases, "words": vector.words}
    return {
        block: dict(zip(pairs[block].keys.tolist(), pairs[block].frequencies.tolist(), strict=True)) for block in BLOCKS
    }


def keyed(profile: Profile) -> dict[Block, dict[int, float]]:
    """Return the weights of a profile by the key of the term."""
    blocks: dict[Block, dict[str, float]] = {"phrases": profile.phrases, "words": profile.words}
    return {
        block: {term_key(block, term): weight for term, weight in weights.items()} for block, weights in blocks.items()
    }


def score(asked: Mapping[tuple[Block, int], float], vector: KeywordVector, idf: Idf) -> float:
    """Return the cosine of a profile, weighed and of length 1, and a keyword set."""
    held = unit(terms_of(vector), idf)
    return math.fsum(weight * held.get(term, 0.0) for term, weight in asked.items())


def search(  # noqa: PLR0917 - the arguments of the search besides what it is compared with
    videos: Iterable[IndexedVideo],
    idf: Idf,
    profile: Profile,
    limit: int,
    now: float | None,
    allowed: Filter | None = None,
    excluded: Collection[str] = (),
    amounts: Mapping[str, float] | None = None,
    least: float = 0.0,
) -> list[Hit]:
    """Score every video, add its amount, order, cut."""
    asked = unit(keyed(profile), idf)
    hits = []
    for video in videos:
        facts = video.facts
        if not may_be_returned(facts, now, allowed, excluded):
            continue
        sets = [vector for vector in video.vectors if not vector.is_empty]
        scores = {vector.language: round(score(asked, vector, idf), 6) for vector in sets}
        best = max(scores.values(), default=0.0)
        if best > 0 and best >= least:
            language = min(tag for tag, own in scores.items() if own == best)
            hits.append(Hit(facts.video_id, best, language, (amounts or {}).get(facts.video_id, 0.0)))
    return sorted(hits, key=lambda hit: (-rounded(hit.score + hit.boost), hit.video_id))[:limit]


def browse(
    videos: Iterable[IndexedVideo],
    keys: Mapping[str, tuple[float, float]],
    limit: int,
    now: float | None,
    allowed: Filter | None = None,
    excluded: Collection[str] = (),
) -> list[str]:
    """Order every video that has any term by its two keys, and cut."""
    found = [
        video.facts.video_id
        for video in videos
        if may_be_returned(video.facts, now, allowed, excluded) and not all(own.is_empty for own in video.vectors)
    ]
    return sorted(found, key=lambda video_id: (-keys[video_id][0], -keys[video_id][1], video_id))[:limit]


def may_be_returned(facts: VideoFacts, now: float | None, allowed: Filter | None, excluded: Collection[str]) -> bool:
    """Tell whether a video is published and not expired (`now` None: at any time), allowed and not excluded."""
    if now is not None and (
        (facts.published_time or 0.0) > now or (facts.expire_time is not None and facts.expire_time <= now)
    ):
        return False
    return facts.video_id not in excluded and (allowed is None or allows(allowed, facts))


def allows(condition: Filter, facts: VideoFacts) -> bool:
    """Tell whether a filter allows a video."""
    return (
        all(holds(one, facts) for one in condition.all_of)
        and (not condition.any_of or any(holds(one, facts) for one in condition.any_of))
        and not any(holds(one, facts) for one in condition.none_of)
    )


def holds(condition: Condition, facts: VideoFacts) -> bool:
    """Tell whether a condition holds for a video."""
    match condition:
        case HasLanguage(tag):
            return any(own == tag or ("-" not in tag and own.startswith(f"{tag}-")) for own in facts.languages)
        case HasAttribute(name, values):
            own = facts.attributes.get(name, ())
            return any(value in own for value in values) if values else bool(own)
        case PublishedBetween(start, end):
            return facts.published_time is not None and between(facts.published_time, start, end, end_too=False)
        case DurationBetween(shortest, longest):
            return facts.duration > 0 and between(facts.duration, shortest, longest, end_too=True)
        case HasId(video_ids):
            return facts.video_id in video_ids


def between(value: float, start: float | None, end: float | None, *, end_too: bool) -> bool:
    """Tell whether a value is at least `start` and before `end`, or at most that."""
    return (start is None or value >= start) and (end is None or value < end or (end_too and value == end))


def live_idf(videos: Iterable[IndexedVideo]) -> Idf:
    """Count the IDF of every term over the keyword sets that have any."""
    sets = [terms_of(vector) for video in videos for vector in video.vectors if not vector.is_empty]
    counts = Counter((block, key) for own in sets for block in BLOCKS for key in own[block])
    return lambda block, key: math.log((1 + len(sets)) / (1 + counts[block, key])) + 1


def statistics(videos: Collection[IndexedVideo]) -> Statistics:
    """Count everything anew."""
    vectors = [vector for video in videos for vector in video.vectors]
    counts = [vector.counts for vector in vectors]
    return Statistics(
        videos=len(videos),
        videos_without_keywords=sum(not any(one.counts.keywords for one in video.vectors) for video in videos),
        keyword_sets=sum(not vector.is_empty for vector in vectors),
        keywords=sum(one.keywords for one in counts),
        phrase_terms=len({key for vector in vectors for key in vector.phrases.keys.tolist()}),
        word_terms=len({key for vector in vectors for key in vector.words.keys.tolist()}),
        on_screen_seconds=sum(one.on_screen_ticks // TICKS_PER_SECOND for one in counts),
        on_screen_ticks=sum(one.on_screen_ticks % TICKS_PER_SECOND for one in counts),
        defaulted_confidences=sum(one.defaulted_confidences for one in counts),
        defaulted_durations=sum(one.defaulted_durations for one in counts),
        summarized_keyword_sets=sum(vector.summarized for vector in vectors),
        languages=dict(sorted(Counter(vector.language for vector in vectors).items())),
    )
