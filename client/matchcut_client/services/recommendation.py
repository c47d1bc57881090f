"""Methods of RecommendationService."""
# ruff: noqa: A002, PLR0913 - a method's arguments are the fields of its request

from collections.abc import Iterable, Mapping
from dataclasses import replace

from matchcut.v1 import recommendation_service_pb2
from matchcut.v1.recommendation_service_pb2 import (
    BatchRecommendVideosRequest,
    RecommendSimilarVideosRequest,
    RecommendVideosRequest,
)
from matchcut_client.batches import split
from matchcut_client.conversion import to_request
from matchcut_client.errors import Internal
from matchcut_client.recommendations import (
    BatchProfile,
    BatchRecommendation,
    BatchRecommendVideosResponse,
    RecommendationOptions,
    RecommendSimilarVideosResponse,
    RecommendVideosResponse,
    VideoSeed,
)
from matchcut_client.scenarios import RankingSettings
from matchcut_client.services.base import ServiceMethods, each, messages, strings
from matchcut_client.types import Filter, Interest


class RecommendationMethods(ServiceMethods):
    """The videos that match an interest profile, with the moments that match and the reason why.

    All methods take these:

    - `filter`: which videos are allowed; `exclude_ids`: videos that must not be returned, at most 10,000.
    - `min_score`: only videos whose match is at least this, before any boost, 0 to 1.
    - `explain`: add the matched keywords with their shares of the score and their moments.
    - `include_metadata`: add title, times and attributes.
    - `scenario`: name of a stored set of ranking settings; `ranking`: settings that replace those of the scenario.
    - `page_size`: how many to return, at most 1,000; 0 means 20.
    """

    def recommend_videos(
        self,
        interests: Iterable[Interest | str] | Mapping[str, float] | None = None,
        *,
        user_id: str = "",
        filter: Filter | None = None,
        exclude_ids: Iterable[str] = (),
        min_score: float = 0.0,
        explain: bool = False,
        include_metadata: bool = False,
        scenario: str = "",
        ranking: RankingSettings | None = None,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> RecommendVideosResponse:
        """Recommend videos for one user, one page at a time, best first.

        Interests are given as such, as plain keywords, or as keywords with weights: `{"england": 1, "rugby": -0.5}`.
        Without them those of the stored profile of `user_id` count. An unknown user is no error: see `fallback` of the
        answer. No video comes twice over the pages, whatever is written between them.
        """
        options = RecommendationOptions(
            filter=filter,
            exclude_ids=strings(exclude_ids),
            min_score=min_score,
            explain=explain,
            include_metadata=include_metadata,
            min_revision=self._min_revision(min_revision),
            scenario=scenario,
            ranking=ranking,
        )
        request = to_request(
            RecommendVideosRequest,
            catalog=self._catalog(catalog),
            interests=None if interests is None else _interests(interests),
            user_id=user_id,
            options=options,
            page_size=page_size,
            page_token=page_token,
        )
        return self._call(self.stubs.recommendation.RecommendVideos, request, RecommendVideosResponse, timeout)

    def batch_recommend_videos(
        self,
        profiles: Iterable[BatchProfile],
        *,
        filter: Filter | None = None,
        exclude_ids: Iterable[str] = (),
        min_score: float = 0.0,
        explain: bool = False,
        include_metadata: bool = False,
        scenario: str = "",
        ranking: RankingSettings | None = None,
        page_size: int = 0,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> BatchRecommendVideosResponse:
        """Recommend videos for any number of users; the same answers as `recommend_videos` for each.

        It takes as many requests as are needed, also to ask again for those at the end whose results did not fit into
        an answer; `timeout` holds for each.
        """
        options = RecommendationOptions(
            filter=filter,
            exclude_ids=strings(exclude_ids),
            min_score=min_score,
            explain=explain,
            include_metadata=include_metadata,
            min_revision=self._min_revision(min_revision),
            scenario=scenario,
            ranking=ranking,
        )
        request = to_request(
            BatchRecommendVideosRequest, catalog=self._catalog(catalog), options=options, page_size=page_size
        )
        results: list[BatchRecommendation] = []
        revisions: list[int] = []
        items = messages(recommendation_service_pb2.BatchProfile, profiles)
        for batch in split(items, lambda profile: profile.key):
            done = 0
            while done < len(batch.items):
                answer = self._recommend_some(request, batch.items[done:], timeout)
                results += [replace(it, index=batch.indexes[done + it.index]) for it in answer.results]
                revisions.append(answer.index_revision)
                done += len(answer.results)
            results += [BatchRecommendation(it.index, it.id, (it.error,)) for it in batch.refusals]
        results.sort(key=lambda result: result.index)
        return BatchRecommendVideosResponse(tuple(results), min(revisions, default=self.revision))

    def _recommend_some(
        self,
        request: BatchRecommendVideosRequest,
        profiles: list[recommendation_service_pb2.BatchProfile],
        timeout: float | None,
    ) -> BatchRecommendVideosResponse:
        """Ask for the first of `profiles`, as many as the server answers at once."""
        del request.profiles[:]
        request.profiles.extend(profiles)
        rpc = self.stubs.recommendation.BatchRecommendVideos
        answer = self._call(rpc, request, BatchRecommendVideosResponse, timeout)
        if not answer.results:
            raise Internal("the server answered a batch without a single result")
        return answer

    def recommend_similar_videos(
        self,
        seeds: Iterable[VideoSeed | str],
        *,
        include_near_duplicates: bool = False,
        user_id: str = "",
        filter: Filter | None = None,
        exclude_ids: Iterable[str] = (),
        min_score: float = 0.0,
        explain: bool = False,
        include_metadata: bool = False,
        scenario: str = "",
        ranking: RankingSettings | None = None,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> RecommendSimilarVideosResponse:
        """Recommend videos that are similar to 1 to 100 given ones, one page at a time, best first.

        Near-duplicates of the seeds and of each other are left out unless `include_near_duplicates`.
        """
        options = RecommendationOptions(
            filter=filter,
            exclude_ids=strings(exclude_ids),
            min_score=min_score,
            explain=explain,
            include_metadata=include_metadata,
            min_revision=self._min_revision(min_revision),
            scenario=scenario,
            ranking=ranking,
        )
        request = to_request(
            RecommendSimilarVideosRequest,
            catalog=self._catalog(catalog),
            seeds=each(VideoSeed, seeds),
            options=options,
            include_near_duplicates=include_near_duplicates,
            page_size=page_size,
            page_token=page_token,
            user_id=user_id,
        )
        rpc = self.stubs.recommendation.RecommendSimilarVideos
        return self._call(rpc, request, RecommendSimilarVideosResponse, timeout)


def _interests(interests: Iterable[Interest | str] | Mapping[str, float]) -> tuple[Interest, ...]:
    if isinstance(interests, Mapping):
        return tuple([Interest(keyword, weight) for keyword, weight in interests.items()])
    return each(Interest, interests)
