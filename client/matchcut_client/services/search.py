"""Methods of SearchService."""
# ruff: noqa: A002, PLR0913 - a method's arguments are the fields of its request

from collections.abc import Iterable

from matchcut.v1.search_service_pb2 import (
    GetKeywordStatsRequest,
    GetKeywordTrendRequest,
    ListRelatedKeywordsRequest,
    SearchMomentsRequest,
)
from matchcut_client.conversion import to_request
from matchcut_client.search import (
    AskedKeyword,
    GetKeywordStatsResponse,
    GetKeywordTrendResponse,
    ListRelatedKeywordsResponse,
    MomentOrder,
    SearchMomentsResponse,
    TrendInterval,
)
from matchcut_client.services.base import ServiceMethods, each
from matchcut_client.types import Filter, TimeRange


class SearchMethods(ServiceMethods):
    """Search in the keywords of a catalog.

    Keywords are given as `AskedKeyword` or as plain text. `filter` says which videos are allowed, `published_only` that
    those not published yet or expired are not.
    """

    def search_moments(
        self,
        *,
        all_of: Iterable[AskedKeyword | str] = (),
        any_of: Iterable[AskedKeyword | str] = (),
        none_of: Iterable[AskedKeyword | str] = (),
        within_seconds: float | None = None,
        filter: Filter | None = None,
        published_only: bool = False,
        min_score: float = 0.0,
        order: MomentOrder = MomentOrder.SCORE,
        max_moments_per_video: int = 0,
        include_near_duplicates: bool = False,
        explain: bool = False,
        include_metadata: bool = False,
        include_total: bool = False,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> SearchMomentsResponse:
        """Find the moments in which keywords are on screen or spoken, one page at a time.

        With `within_seconds` the conditions hold for the moment: its keywords are on screen with at most so much
        between them, and those of `none_of` are not. Without it they hold for the video. `page_size` is at most 1,000;
        0 means 20.
        """
        request = to_request(
            SearchMomentsRequest,
            catalog=self._catalog(catalog),
            all_of=each(AskedKeyword, all_of),
            any_of=each(AskedKeyword, any_of),
            none_of=each(AskedKeyword, none_of),
            within_seconds=within_seconds,
            filter=filter,
            published_only=published_only,
            min_score=min_score,
            order=order,
            max_moments_per_video=max_moments_per_video,
            include_near_duplicates=include_near_duplicates,
            explain=explain,
            include_metadata=include_metadata,
            include_total=include_total,
            page_size=page_size,
            page_token=page_token,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.search.SearchMoments, request, SearchMomentsResponse, timeout)

    def get_keyword_stats(
        self,
        keywords: Iterable[AskedKeyword | str],
        *,
        filter: Filter | None = None,
        published_only: bool = False,
        include_suggestions: bool = False,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> GetKeywordStatsResponse:
        """Count in how many videos 1 to 1,000 keywords occur, how often, and for how long they are on screen."""
        request = to_request(
            GetKeywordStatsRequest,
            catalog=self._catalog(catalog),
            keywords=each(AskedKeyword, keywords),
            filter=filter,
            published_only=published_only,
            include_suggestions=include_suggestions,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.search.GetKeywordStats, request, GetKeywordStatsResponse, timeout)

    def get_keyword_trend(
        self,
        keywords: Iterable[AskedKeyword | str],
        *,
        interval: TrendInterval = TrendInterval.MONTH,
        time_zone: str = "",
        published_time: TimeRange | None = None,
        filter: Filter | None = None,
        published_only: bool = False,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> GetKeywordTrendResponse:
        """Count the same for 1 to 20 keywords by day, week or month of publishing.

        Days begin in `time_zone`, an IANA name; empty means UTC. `published_time` bounds the trend, by default to the
        times of the allowed videos.
        """
        request = to_request(
            GetKeywordTrendRequest,
            catalog=self._catalog(catalog),
            keywords=each(AskedKeyword, keywords),
            interval=interval,
            time_zone=time_zone,
            published_time=published_time,
            filter=filter,
            published_only=published_only,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.search.GetKeywordTrend, request, GetKeywordTrendResponse, timeout)

    def list_related_keywords(
        self,
        keyword: AskedKeyword | str,
        *,
        within_seconds: float | None = None,
        min_video_count: int = 0,
        filter: Filter | None = None,
        published_only: bool = False,
        include_total: bool = False,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> ListRelatedKeywordsResponse:
        """List the keywords that occur with a keyword more often than by chance, one page at a time.

        They occur together in at least `min_video_count` videos (0 means 2), and with `within_seconds` at most so far
        apart. `page_size` is at most 1,000; 0 means 20.
        """
        request = to_request(
            ListRelatedKeywordsRequest,
            catalog=self._catalog(catalog),
            keyword=AskedKeyword(keyword) if isinstance(keyword, str) else keyword,
            within_seconds=within_seconds,
            min_video_count=min_video_count,
            filter=filter,
            published_only=published_only,
            include_total=include_total,
            page_size=page_size,
            page_token=page_token,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.search.ListRelatedKeywords, request, ListRelatedKeywordsResponse, timeout)
