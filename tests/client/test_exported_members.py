"""The public surface: what can be imported from `matchcut_client`, and nothing of the contract's messages."""

from google.protobuf.message import Message

import matchcut_client

PUBLIC = """
    Adjustment AdjustmentKind AlreadyExists AppliedBoost AskedKeyword AttributeCap AttributeCondition AudienceMember
    BatchProfile BatchRecommendVideosResponse BatchRecommendation BoostKind Cancelled Catalog CatalogSettings
    CatalogStatistics Condition ConditionBoost CreateCatalogResponse DeadlineExceeded DeleteCatalogResponse
    DeleteProfilesResponse DeleteScenarioResponse DeleteStandingInterestsResponse DeleteVideosResponse DurationRange
    ErrorReason Event EventKind EventWeights Explanation FailedPrecondition Fallback FieldError Filter FrequencyCap
    GetCatalogResponse GetKeywordStatsResponse GetKeywordTrendResponse GetProfileResponse GetScenarioResponse
    GetVideoResponse ImportVideoIndexesResponse Instance Interest Internal InvalidArgument Keyword KeywordAlias
    KeywordCount KeywordMatch KeywordSet KeywordStats KeywordSuggestion KeywordTrend LanguageStatistics
    ListCatalogsResponse ListMatchesResponse ListProfilesResponse ListRelatedKeywordsResponse ListScenariosResponse
    ListStandingInterestsResponse ListVideosResponse MatchAudienceResponse MatchPlacementsResponse
    MatchPromotionsResponse MatchcutClient MatchcutError MatchedInterest MatchedKeyword MergeProfilesResponse Moment
    MomentOrder NotFound Overloaded PinnedVideo Placement PlacementRules Profile ProfileCondition ProfileFilter
    ProfileMerge ProfileSettings ProfileSource Promotion RankingSettings RecommendSimilarVideosResponse
    RecommendVideosResponse Recommendation RecommendationOrigin RecordEventsResponse RelatedKeyword ResourceExhausted
    Scenario SearchMomentsResponse SeenVideos StandingInterest StandingMatch TimeRange TimeSpan TrendInterval
    TrendIntervalTotal TrendPoint Unavailable Unimplemented UpdateCatalogResponse UpdateVideoMetadataResponse
    UpsertProfilesResponse UpsertScenarioResponse UpsertStandingInterestsResponse UpsertVideosResponse Video VideoIndex
    VideoMetadata VideoSeed VideoView WeightingScheme WriteResponse WriteResult WriteStatus __version__ pages
    reduce_video_index
""".split()  # noqa: SIM905 - a list of so many strings would fill the page


def test_the_public_names_are_these() -> None:
    assert sorted(matchcut_client.__all__) == PUBLIC


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in PUBLIC if not hasattr(matchcut_client, name)] == []


def test_no_message_of_the_contract_is_public() -> None:
    public = [getattr(matchcut_client, name) for name in PUBLIC]

    assert not [it for it in public if isinstance(it, type) and issubclass(it, Message)]
