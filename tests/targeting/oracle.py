"""Placements by the formulas alone, in plain Python: every moment of every video is scored, all are sorted, and the
list is walked down once.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from matchcut_server.index.port import rounded
from matchcut_server.insights.model import Keyword, KeywordSet, Video
from matchcut_server.insights.timespan import Span
from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from matchcut_server.targeting.placements import Wanted
from matchcut_server.targeting.promotion import PlacementRules
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.terms import Terms, split_keyword, stemmer_name
from matchcut_server.vectors.video import facts_of
from matchcut_server.vectors.weighting import Block
from tests import naive

ROUNDING = 5e-8

FORMULAS = {
    Scheme.LOG: lambda c, d, whole: c * math.log1p(d),
    Scheme.SQRT: lambda c, d, whole: c * math.sqrt(d),
    Scheme.LINEAR: lambda c, d, whole: c * d,
    Scheme.SHARE: lambda c, d, whole: c * math.log1p(1000 * d / whole),
    Scheme.CONFIDENCE: lambda c, d, whole: c,
}

Vector = Mapping[tuple[Block, int], float]


class Found(NamedTuple):
    """A placement."""

    promotion_id: str
    video_id: str
    slot: float
    span: Span
    score: float
    language: str


class Catalog(NamedTuple):
    """What placements are looked for in."""

    videos: Sequence[Video]
    idf: naive.Idf
    scheme: Scheme = Scheme.LOG


def terms_of(keyword: Keyword, language: str) -> Terms:
    return split_keyword(keyword.text, stemmer_name(language))


def keys_of(keyword: Keyword, language: str) -> dict[Block, set[int]]:
    terms = terms_of(keyword, language)
    return {
        "phrases": {term_key("phrases", terms.phrase)},
        "words": {term_key("words", word) for word in terms.words},
    }


def end_of(video: Video) -> float:
    """Return the duration of a video, or the end of its last instance."""
    ends = [instance.end for own in video.keyword_sets for keyword in own.keywords for instance in keyword.instances]
    return video.duration or max(ends, default=0.0)


def spans_of(keyword: Keyword, video: Video) -> list[Span]:
    """Return when a keyword is on screen, clipped to the video."""
    limit = video.duration or math.inf
    return [(one.start, min(one.end, limit)) for one in keyword.instances if one.start < limit]


def covered(spans: Iterable[Span], start: float, end: float) -> float:
    """Return the length of the union of spans inside a stretch."""
    clipped = sorted((max(first, start), min(last, end)) for first, last in spans)
    total, at = 0.0, start
    for first, last in clipped:
        total += max(0.0, last - max(first, at))
        at = max(at, last)
    return total


def merged(spans: Iterable[Span]) -> list[Span]:
    """Merge spans with at most a second between them."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] <= 1 + ROUNDING:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def score(asked: Vector, video: Video, own: KeywordSet, stretch: Span, catalog: Catalog) -> float:
    """Return the cosine of a promotion and what is on screen in a stretch."""
    last = max((one.end for keyword in own.keywords for one in keyword.instances), default=0.0)
    blocks: dict[Block, dict[int, float]] = {"phrases": {}, "words": {}}
    for keyword in own.keywords:
        seconds = covered(spans_of(keyword, video), *stretch)
        confidence = 0.75 if keyword.confidence is None else keyword.confidence
        if seconds > 0 and confidence > 0:
            weight = float(np.float32(FORMULAS[catalog.scheme](confidence, seconds, video.duration or last)))
            for block, keys in keys_of(keyword, own.language).items():
                for key in keys:
                    blocks[block][key] = max(blocks[block].get(key, 0.0), weight)
    held = naive.unit(blocks, catalog.idf) if blocks["phrases"] else {}
    return math.fsum(weight * held.get(term, 0.0) for term, weight in asked.items())


def matches(asked: AskedKeyword, keyword: Keyword, language: str, tags: Iterable[str]) -> bool:
    """Tell whether an excluded keyword matches one of a video."""
    own = keys_of(keyword, language)
    for tag in [asked.language] if asked.language else tags:
        wanted = keys_of(Keyword(asked.keyword, None, ()), tag)
        block: Block = "phrases" if asked.match is KeywordMatch.EXACT else "words"
        if keyword.confidence != 0 and wanted[block] <= own[block]:
            return True
    return False


def excluded_spans(asked: Sequence[AskedKeyword], video: Video, tags: Sequence[str]) -> list[list[Span]]:
    """Return for each keyword of a video that is excluded when it is on screen."""
    return [
        spans_of(keyword, video)
        for own in video.keyword_sets
        for keyword in own.keywords
        if any(matches(one, keyword, own.language, tags) for one in asked)
    ]


def may_be_taken(rules: PlacementRules, video: Video, slot: float, stretch: Span, tags: Sequence[str]) -> bool:
    """Tell whether rules allow a slot, as far as they do not depend on other placements."""
    if rules.allowed is not None and not naive.allows(rules.allowed, facts_of(video, 0)):
        return False
    if excluded_spans(rules.excluded_keywords, video, tags):
        return False
    near = [span for spans in excluded_spans(rules.excluded_nearby_keywords, video, tags) for span in spans]
    return rules.skip_first_seconds <= slot <= end_of(video) - rules.skip_last_seconds and not any(
        start <= stretch[1] and end >= stretch[0] for start, end in near
    )


def have_room(rules: PlacementRules, taken: Sequence[Found], new: Found) -> bool:
    """Tell whether rules allow a placement beside those taken."""
    here = [one for one in taken if one.video_id == new.video_id]
    return (
        (not rules.max_placements or len(taken) < rules.max_placements)
        and (not rules.max_placements_per_video or len(here) < rules.max_placements_per_video)
        and all(abs(one.slot - new.slot) >= rules.min_distance_seconds - ROUNDING for one in here)
    )


def placements(
    catalog: Catalog, wanted: Wanted, vectors: Sequence[Vector], videos: Sequence[Video], slots: Sequence[float] = ()
) -> list[Found]:
    """Return all placements in some videos, as they are taken. `vectors`: those of the promotions."""
    tags = ["en-US", *sorted({own.language for video in catalog.videos for own in video.keyword_sets})]
    context = wanted.context_seconds
    weights = {one.promotion_id: one.weight for one in wanted.promotions}
    rules = {one.promotion_id: one.rules for one in wanted.promotions}
    fitting: list[Found] = []
    for promotion, asked in zip(wanted.promotions, vectors, strict=True):
        for video in videos:
            if video.video_id in {seed.video_id for seed in promotion.seeds}:
                continue
            for own in video.keyword_sets:
                for slot, span, stretch in places(asked, video, own, context, slots):
                    found = rounded(score(asked, video, own, stretch, catalog))
                    if found <= 0 or found < wanted.min_score:
                        continue
                    if all(may_be_taken(one, video, slot, stretch, tags) for one in (wanted.rules, promotion.rules)):
                        fitting.append(Found(promotion.promotion_id, video.video_id, slot, span, found, own.language))
    fitting.sort(
        key=lambda one: (
            -weights[one.promotion_id] * one.score,
            one.video_id,
            one.slot,
            one.promotion_id,
            one.span[1],
            one.language,
        )
    )
    taken: list[Found] = []
    for one in fitting:
        taken_by_it = [other for other in taken if other.promotion_id == one.promotion_id]
        is_free = not any((other.video_id, other.slot) == (one.video_id, one.slot) for other in taken)
        if is_free and have_room(wanted.rules, taken, one) and have_room(rules[one.promotion_id], taken_by_it, one):
            taken.append(one)
    return taken


def places(
    asked: Vector, video: Video, own: KeywordSet, context: float, slots: Sequence[float]
) -> Iterable[tuple[float, Span, Span]]:
    """Yield slot, moment and stretch of each place in a keyword set where a promotion may fit."""
    if slots:
        for slot in slots:
            if slot <= end_of(video):
                stretch = (max(0.0, slot - context), min(end_of(video), slot + context))
                yield slot, stretch, stretch
        return
    matching = [
        span
        for keyword in own.keywords
        if keyword.confidence != 0
        and any(asked.get((b, k), 0) > 0 for b, keys in keys_of(keyword, own.language).items() for k in keys)
        for span in spans_of(keyword, video)
    ]
    for start, end in merged(matching):
        yield start, (start, end), (max(0.0, start - context), end + context)
