"""Methods of TargetingService."""
# ruff: noqa: A002, PLR0913 - a method's arguments are the fields of its request

from collections.abc import Iterable, Iterator

from matchcut.v1 import targeting_service_pb2
from matchcut.v1.targeting_service_pb2 import (
    DeleteStandingInterestsRequest,
    ListMatchesRequest,
    ListStandingInterestsRequest,
    MatchAudienceRequest,
    MatchPlacementsRequest,
    MatchPromotionsRequest,
    UpsertStandingInterestsRequest,
)
from matchcut_client.conversion import to_request
from matchcut_client.paging import pages
from matchcut_client.profiles import ProfileFilter
from matchcut_client.services.base import ServiceMethods, as_items, messages, strings
from matchcut_client.targeting import (
    DeleteStandingInterestsResponse,
    FrequencyCap,
    ListMatchesResponse,
    ListStandingInterestsResponse,
    MatchAudienceResponse,
    MatchPlacementsResponse,
    MatchPromotionsResponse,
    PlacementRules,
    Promotion,
    StandingInterest,
    UpsertStandingInterestsResponse,
)


class TargetingMethods(ServiceMethods):
    """Promotions: whom they suit, where they fit, and what newly matches a standing interest.

    Methods that return pages take `page_size` and `page_token`, and count over all pages with `include_total`;
    `min_score` leaves out what matches less, 0 to 1.
    """

    def match_audience(
        self,
        promotion: Promotion,
        *,
        filter: ProfileFilter | None = None,
        min_score: float = 0.0,
        exclude_ids: Iterable[str] = (),
        frequency_caps: Iterable[FrequencyCap] = (),
        explain: bool = False,
        include_total: bool = False,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> MatchAudienceResponse:
        """Find the users that a promotion suits, best first; `page_size` is at most 10,000, 0 means 1,000."""
        request = to_request(
            MatchAudienceRequest,
            catalog=self._catalog(catalog),
            promotion=promotion,
            filter=filter,
            min_score=min_score,
            exclude_ids=strings(exclude_ids),
            frequency_caps=frequency_caps,
            explain=explain,
            include_total=include_total,
            page_size=page_size,
            page_token=page_token,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.targeting.MatchAudience, request, MatchAudienceResponse, timeout)

    def match_placements(
        self,
        promotions: Iterable[Promotion],
        *,
        rules: PlacementRules | None = None,
        context_seconds: float | None = None,
        min_score: float = 0.0,
        explain: bool = False,
        include_metadata: bool = False,
        include_total: bool = False,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> MatchPlacementsResponse:
        """Find, over all videos, the best moments for 1 to 100 promotions; `page_size` 0 means 20.

        What is on screen `context_seconds` before and after a moment counts too, by default 10.
        """
        request = to_request(
            MatchPlacementsRequest,
            catalog=self._catalog(catalog),
            promotions=promotions,
            rules=rules,
            context_seconds=context_seconds,
            min_score=min_score,
            explain=explain,
            include_metadata=include_metadata,
            include_total=include_total,
            page_size=page_size,
            page_token=page_token,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.targeting.MatchPlacements, request, MatchPlacementsResponse, timeout)

    def match_promotions(
        self,
        video_id: str,
        promotions: Iterable[Promotion],
        *,
        slot_seconds: Iterable[float] = (),
        rules: PlacementRules | None = None,
        context_seconds: float | None = None,
        min_score: float = 0.0,
        explain: bool = False,
        include_total: bool = False,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> MatchPromotionsResponse:
        """Find, for one video, the best of 1 to 1,000 promotions for each slot; `page_size` 0 means 100.

        Without `slot_seconds` the moments that fit the promotions are the slots. Raises NotFound.
        """
        request = to_request(
            MatchPromotionsRequest,
            catalog=self._catalog(catalog),
            video_id=video_id,
            promotions=promotions,
            slot_seconds=slot_seconds,
            rules=rules,
            context_seconds=context_seconds,
            min_score=min_score,
            explain=explain,
            include_total=include_total,
            page_size=page_size,
            page_token=page_token,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.targeting.MatchPromotions, request, MatchPromotionsResponse, timeout)

    def upsert_standing_interests(
        self,
        standing_interests: Iterable[StandingInterest],
        *,
        catalog: str | None = None,
        timeout: float | None = None,
    ) -> UpsertStandingInterestsResponse:
        """Create standing interests or replace them whole, any number of them. An id may occur once."""

        def send(batch: list[targeting_service_pb2.StandingInterest]) -> UpsertStandingInterestsResponse:
            request = UpsertStandingInterestsRequest(catalog=self._catalog(catalog), standing_interests=batch)
            rpc = self.stubs.targeting.UpsertStandingInterests
            return self._long_call(rpc, request, UpsertStandingInterestsResponse, timeout)

        items = messages(targeting_service_pb2.StandingInterest, standing_interests)
        answers = self._write(
            items, send, UpsertStandingInterestsResponse, id_field="standing_interest_id", unique=True
        )
        return self._write_all(UpsertStandingInterestsResponse, answers)

    def list_standing_interests(
        self,
        *,
        standing_interest_ids: Iterable[str] = (),
        page_size: int = 0,
        page_token: str = "",
        include_total: bool = False,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> ListStandingInterestsResponse:
        """List one page of standing interests by id, of all or of at most 1,000 named ones; `page_size` 0 means 100."""
        request = to_request(
            ListStandingInterestsRequest,
            catalog=self._catalog(catalog),
            standing_interest_ids=strings(standing_interest_ids),
            page_size=page_size,
            page_token=page_token,
            include_total=include_total,
            min_revision=self._min_revision(min_revision),
        )
        rpc = self.stubs.targeting.ListStandingInterests
        return self._call(rpc, request, ListStandingInterestsResponse, timeout)

    def iter_standing_interests(
        self,
        *,
        page_size: int = 0,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> Iterator[StandingInterest]:
        """Yield all standing interests by id; `timeout` holds for each page."""
        for page in pages(
            self.list_standing_interests,
            page_size=page_size,
            catalog=catalog,
            min_revision=min_revision,
            timeout=timeout,
        ):
            yield from page.standing_interests

    def delete_standing_interests(
        self, standing_interest_ids: Iterable[str], *, catalog: str | None = None, timeout: float | None = None
    ) -> DeleteStandingInterestsResponse:
        """Delete standing interests, any number of them."""

        def send(batch: list[str]) -> DeleteStandingInterestsResponse:
            request = DeleteStandingInterestsRequest(catalog=self._catalog(catalog), standing_interest_ids=batch)
            rpc = self.stubs.targeting.DeleteStandingInterests
            return self._long_call(rpc, request, DeleteStandingInterestsResponse, timeout)

        answers = self._write(as_items(standing_interest_ids), send, DeleteStandingInterestsResponse)
        return self._write_all(DeleteStandingInterestsResponse, answers)

    def list_matches(
        self,
        *,
        standing_interest_ids: Iterable[str] = (),
        since_revision: int = 0,
        max_matches_per_standing_interest: int = 0,
        max_moments_per_match: int | None = None,
        explain: bool = False,
        include_metadata: bool = False,
        include_total: bool = False,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> ListMatchesResponse:
        """List the videos and moments that match standing interests, of all or of those named, since a revision.

        `until_revision` of the answer is the `since_revision` of the next call. Raises NotFound for an unknown id.
        """
        request = to_request(
            ListMatchesRequest,
            catalog=self._catalog(catalog),
            standing_interest_ids=strings(standing_interest_ids),
            since_revision=since_revision,
            max_matches_per_standing_interest=max_matches_per_standing_interest,
            max_moments_per_match=max_moments_per_match,
            explain=explain,
            include_metadata=include_metadata,
            include_total=include_total,
            page_size=page_size,
            page_token=page_token,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.targeting.ListMatches, request, ListMatchesResponse, timeout)
