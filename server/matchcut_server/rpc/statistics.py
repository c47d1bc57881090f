"""How often keywords occur, when, and with which others."""

import struct
import time
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import grpc

from matchcut.v1 import search_service_pb2 as pb

from ..errors import InvalidInput, Reason, Violation, quote
from ..index.filter import Filter
from ..insights.report import Report
from ..search.asked import AskedKeyword, Sought, keyword_set_count, seek
from ..search.intervals import Interval, interval_starts, time_zone
from ..search.keywords import KeywordCount
from ..search.related import Related, related_keywords, spelled
from ..search.scope import Scope
from ..search.statistics import KeywordStats, count_keywords
from ..search.suggestions import suggest
from ..search.trend import Trend, count_trend, span_of
from ..vectors.keyword_vector import TICKS_PER_SECOND
from . import fields, limits
from .answers import timestamp
from .asking import Asking, read_asked_keyword, read_asked_keywords
from .deadline import Deadline
from .moments import keyword_count_message, suggestion_message
from .requests import read_filter, read_time_range
from .token import page_digest

_PLACE = struct.Struct("<dQ")
"""What a page ends with: significance and key."""


class StatisticsMethods(Asking):
    """See `search_service.proto`."""

    def GetKeywordStats(
        self, request: pb.GetKeywordStatsRequest, context: grpc.ServicerContext
    ) -> pb.GetKeywordStatsResponse:
        """See `GetKeywordStats` in the contract."""
        report = Report()
        asked = read_asked_keywords("keywords", request.keywords, limits.MAX_STATS_KEYWORDS, report, least=1)
        scope = self._scope(request, report, context)
        sought = _seek(asked, scope)
        counted = count_keywords(sought, scope)
        response = pb.GetKeywordStatsResponse(video_count=counted.videos, index_revision=scope.view.revision)
        response.stats.extend(_stats_message(one.keyword, own) for one, own in zip(asked, counted.stats, strict=True))
        if request.include_suggestions:
            suggestions = suggest(counted.missing, scope.store, scope.catalog, scope.view, scope.check)
            response.suggestions.extend(map(suggestion_message, suggestions))
        _shorten(response)
        return response

    def GetKeywordTrend(
        self, request: pb.GetKeywordTrendRequest, context: grpc.ServicerContext
    ) -> pb.GetKeywordTrendResponse:
        """See `GetKeywordTrend` in the contract."""
        report = Report()
        asked = read_asked_keywords("keywords", request.keywords, limits.MAX_TREND_KEYWORDS, report, least=1)
        interval = _read_interval("interval", request.interval, report)
        zone = _read_time_zone("time_zone", request.time_zone, report)
        ends: tuple[float | None, float | None] = (None, None)
        if request.HasField("published_time"):
            ends = read_time_range("published_time", request.published_time, report)
        scope = self._scope(request, report, context)
        span = span_of(scope, *ends)
        most = limits.MAX_TREND_POINTS // len(asked)
        starts = interval_starts(*span, interval, zone, most + 1)
        if len(starts) > most:
            raise _too_many_intervals(interval, len(asked), most)
        trend = count_trend(_seek(asked, scope), starts, span, scope)
        return _trend_message(asked, starts, trend, scope.view.revision)

    def ListRelatedKeywords(
        self, request: pb.ListRelatedKeywordsRequest, context: grpc.ServicerContext
    ) -> pb.ListRelatedKeywordsResponse:
        """See `ListRelatedKeywords` in the contract."""
        report = Report()
        asked = read_asked_keyword("keyword", request.keyword, report)
        within = request.within_seconds if request.HasField("within_seconds") else None
        if within is not None:
            fields.number("within_seconds", within, 0, limits.MAX_WINDOW_SECONDS, report)
        if request.min_video_count < 0:
            report.refuse("min_video_count", f"{request.min_video_count} is negative; give 0 for the default of 2")
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report)
        scope = self._scope(request, report, context)
        digest = page_digest("ListRelated", request, str(scope.catalog.catalog_id))
        last = _PLACE.unpack(self._tokens.open(digest, request.page_token)) if request.page_token else None
        [sought] = _seek([asked], scope)
        related = related_keywords(sought, within, request.min_video_count or _LEAST_VIDEOS, scope)
        response = pb.ListRelatedKeywordsResponse(video_count=related.asked_videos, index_revision=scope.view.revision)
        if request.include_total:
            response.total_count = len(related.keys)
        first = 0 if last is None else related.after(*last)
        end = min(first + size, len(related.keys))
        response.related_keywords.extend(_related_messages(related, first, end, scope))
        if not related.asked_videos and not keyword_set_count(sought, scope.view):
            [suggestion] = suggest([sought], scope.store, scope.catalog, scope.view, scope.check)
            response.suggestion.CopyFrom(suggestion_message(suggestion))
        if end < len(related.keys):
            place = _PLACE.pack(related.significance[end - 1], related.keys[end - 1])
            response.next_page_token = self._tokens.seal(digest, place)
        return response

    def _scope(
        self,
        request: pb.GetKeywordStatsRequest | pb.GetKeywordTrendRequest | pb.ListRelatedKeywordsRequest,
        report: Report,
        context: grpc.ServicerContext,
    ) -> Scope:
        """Read what the requests have in common. Raises what is wrong with them, when all else has been read."""
        name = fields.catalog_name("catalog", request.catalog, report)
        allowed: Filter | None = read_filter("filter", request.filter, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog, view = self._see(name, min_revision, context)
        now = time.time() if request.published_only else None
        return Scope(self._store, catalog, view, now, allowed, Deadline(context).check)


_LEAST_VIDEOS = 2


def _seek(asked: Sequence[AskedKeyword], scope: Scope) -> list[Sought]:
    return [seek(one, scope.store, scope.catalog, scope.view.languages) for one in asked]


def _read_interval(field: str, value: int, report: Report) -> Interval:
    names = pb.TrendInterval.DESCRIPTOR.values_by_number
    if value not in names:
        report.refuse(field, f"{value} is no interval; give one of {', '.join(Interval)}")
        return Interval.MONTH
    name = names[value].name.removeprefix("TREND_INTERVAL_")
    return Interval.MONTH if name == "UNSPECIFIED" else Interval(name)


def _read_time_zone(field: str, name: str, report: Report) -> ZoneInfo:
    zone = time_zone(name or "UTC")
    if zone is None:
        report.refuse(field, f"{quote(name)} is no time zone; give an IANA name such as Europe/London")
        return ZoneInfo("UTC")
    return zone


def _too_many_intervals(interval: Interval, keywords: int, most: int) -> InvalidInput:
    message = (
        f"the trend spans more than {most} intervals of a {interval.lower()} for {keywords} keywords; bound "
        "published_time, or take longer intervals or fewer keywords"
    )
    return InvalidInput([Violation("published_time", Reason.TOO_LARGE, message)])


def _stats_message(asked: str, stats: KeywordStats) -> pb.KeywordStats:
    first, last = stats.first_published, stats.last_published
    return pb.KeywordStats(
        asked_keyword=asked,
        video_count=stats.videos,
        keyword_set_count=stats.keyword_sets,
        idf=stats.idf,
        instance_count=stats.instances,
        on_screen_seconds=stats.on_screen_seconds,
        mean_confidence=stats.mean_confidence,
        first_published_time=None if first is None else timestamp(first),
        last_published_time=None if last is None else timestamp(last),
        matching_keywords=map(keyword_count_message, stats.matching),
    )


def _trend_message(
    asked: Sequence[AskedKeyword], starts: Sequence[float], trend: Trend, revision: int
) -> pb.GetKeywordTrendResponse:
    intervals = [
        pb.TrendIntervalTotal(
            start_time=timestamp(start), video_count=videos, duration_seconds=ticks / TICKS_PER_SECOND
        )
        for start, videos, ticks in zip(starts, trend.videos.tolist(), trend.duration_ticks.tolist(), strict=True)
    ]
    columns = (trend.occurring.tolist(), trend.instances.tolist(), trend.ticks.tolist())
    trends = [
        pb.KeywordTrend(
            asked_keyword=one.keyword,
            points=[
                pb.TrendPoint(video_count=videos, instance_count=instances, on_screen_seconds=ticks / TICKS_PER_SECOND)
                for videos, instances, ticks in zip(*own, strict=True)
            ],
            undated_video_count=undated,
        )
        for one, undated, *own in zip(asked, trend.undated, *columns, strict=True)
    ]
    return pb.GetKeywordTrendResponse(intervals=intervals, trends=trends, index_revision=revision)


def _shorten(response: pb.GetKeywordStatsResponse) -> None:
    """Leave out the last of the keywords that match, and of those that are suggested, until the answer fits."""
    over = response.ByteSize() - limits.MAX_ANSWER_BYTES
    lists = [
        *(one.matching_keywords for one in response.stats),
        *(one.nearest_keywords for one in response.suggestions),
    ]
    while over > 0:
        last = lists.pop()
        over -= sum(one.ByteSize() for one in last)
        del last[:]


def _related_messages(related: Related, first: int, end: int, scope: Scope) -> list[pb.RelatedKeyword]:
    """Write the related keywords of a page; of those that are gone by now, nothing is known but a text."""
    keys = related.keys[first:end].tolist()
    known = spelled(keys, scope)
    texts = scope.store.keyword_texts(scope.catalog.catalog_id, [key for key in keys if key not in known])
    messages = []
    for place, key in enumerate(keys, first):
        count = known.get(key) or KeywordCount(texts.get(key, ""), "", 0)
        messages.append(
            pb.RelatedKeyword(
                keyword=count.keyword,
                language=count.language,
                together_video_count=int(related.together[place]),
                video_count=int(related.videos[place]),
                significance=float(related.significance[place]),
                lift=float(related.lift[place]),
            )
        )
    return messages
