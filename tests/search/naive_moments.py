"""The moments of keyword sets by definition, as slow as it gets: loops over everything, no stemming, no index."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from matchcut_server.insights.model import Keyword, KeywordSet
from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from matchcut_server.search.conditions import AskedMoments

Span = tuple[float, float]


@dataclass(frozen=True)
class NaiveMoment:
    start: float
    end: float
    score: float
    keywords: frozenset[str]


def matches(asked: AskedKeyword, text: str) -> bool:
    """Compare keywords of plain words, none of which a stemmer changes."""
    own, other = asked.keyword.lower().split(), text.lower().split()
    return own == other if asked.match is KeywordMatch.EXACT else set(own) <= set(other)


def spans_of(keyword: Keyword, duration: float) -> list[Span]:
    limit = duration or float("inf")
    return [(one.start, min(one.end, limit)) for one in keyword.instances if one.start < min(one.end, limit)]


def gap(first: Span, second: Span) -> float:
    return max(0.0, first[0] - second[1], second[0] - first[1])


def merged(spans: Sequence[Span], most: float) -> list[Span]:
    """Merge any two that are near, as long as there are any."""
    left = list(spans)
    while True:
        pair = next(((a, b) for i, a in enumerate(left) for b in left[:i] if gap(a, b) <= most), None)
        if pair is None:
            return sorted(left)
        left = [one for one in left if one not in pair]
        left.append((min(pair[0][0], pair[1][0]), max(pair[0][1], pair[1][1])))


def meetings(required: Sequence[Sequence[Span]], within: float) -> list[Span]:
    """Whenever anything comes on screen: the latest of all that is required, if it was there so shortly before."""
    found = set()
    for time in {start for own in required for start, _ in own}:
        latest = [[one for one in own if one[0] <= time and one[1] >= time - within] for own in required]
        if all(latest):
            chosen = [max(own) for own in latest]
            found.add((min(start for start, _ in chosen), max(end for _, end in chosen)))
    return [one for one in found if not any(one != other and contains(one, other) for other in found)]


def contains(one: Span, other: Span) -> bool:
    return one[0] <= other[0] and other[1] <= one[1]


def moments(keyword_set: KeywordSet, duration: float, asked: AskedMoments, idf: Sequence[float]) -> list[NaiveMoment]:
    """Return the moments of a keyword set, by start. `idf`: of `all_of`, then of `any_of`."""
    keywords = [one for one in keyword_set.keywords if one.confidence != 0]
    scored = asked.all_of + asked.any_of
    wanted = [one for one in keywords if any(matches(own, one.text) for own in scored)]
    spans = [(span, keyword) for keyword in wanted for span in spans_of(keyword, duration)]
    stretches = merged([span for span, _ in spans], 1.0)
    if asked.within_seconds is None:
        if not holds(asked, [one.text for one in keywords]):
            return []
    else:
        stretches = met(asked, asked.within_seconds, keywords, spans, stretches, duration)
    found = []
    for stretch in stretches:
        inside = {keyword.text: keyword for span, keyword in spans if contains(stretch, span)}
        score = score_of(list(inside.values()), scored, idf)
        if score > 0:
            found.append(NaiveMoment(*stretch, score, frozenset(inside)))
    return found


def met(
    asked: AskedMoments,
    within: float,
    keywords: Sequence[Keyword],
    spans: Sequence[tuple[Span, Keyword]],
    stretches: Sequence[Span],
    duration: float,
) -> list[Span]:
    """Join stretches that meetings span; keep those that hold one, and nothing unwanted near."""
    required = [[span for span, keyword in spans if matches(one, keyword.text)] for one in asked.all_of]
    if asked.any_of:
        required.append([span for span, one in spans if any(matches(own, one.text) for own in asked.any_of)])
    own = meetings(required, within)
    unwanted = [
        span
        for keyword in keywords
        if any(matches(one, keyword.text) for one in asked.none_of)
        for span in spans_of(keyword, duration)
    ]
    return [
        one
        for one in merged([*stretches, *own], 1.0)
        if any(contains(one, meeting) for meeting in own) and all(gap(one, other) > within for other in unwanted)
    ]


def holds(asked: AskedMoments, texts: Sequence[str]) -> bool:
    """Tell whether the conditions hold for the keywords of a set."""

    def has(one: AskedKeyword) -> bool:
        return any(matches(one, text) for text in texts)

    return (
        all(map(has, asked.all_of))
        and (not asked.any_of or any(map(has, asked.any_of)))
        and not any(map(has, asked.none_of))
    )


def score_of(inside: Sequence[Keyword], scored: Sequence[AskedKeyword], idf: Sequence[float]) -> float:
    best = [
        max((0.75 if k.confidence is None else k.confidence for k in inside if matches(one, k.text)), default=0.0)
        for one in scored
    ]
    total = sum(one.weight * own * confidence for one, own, confidence in zip(scored, idf, best, strict=True))
    return round(total * sum(one > 0 for one in best) / len(best) * 1e6) / 1e6


def can_meet(keyword_set: KeywordSet, duration: float, asked: AskedMoments, span: Span, within: float) -> bool:
    """Tell whether inside a span all that is required can be chosen so that no two are further apart than allowed."""
    inside = [
        (one, keyword.text)
        for keyword in keyword_set.keywords
        if keyword.confidence != 0
        for one in spans_of(keyword, duration)
        if contains(span, one)
    ]
    required = [[one for one, text in inside if matches(own, text)] for own in asked.all_of]
    if asked.any_of:
        required.append([one for one, text in inside if any(matches(own, text) for own in asked.any_of)])
    return any(
        all(gap(one, other) <= within for i, one in enumerate(chosen) for other in chosen[:i])
        for chosen in product(*required)
    )
