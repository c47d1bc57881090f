"""Domain objects to answers."""

from collections.abc import Iterable, Mapping, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import types_pb2 as types_pb

from ..errors import Violation
from ..index.port import Statistics
from ..insights.limits import MAX_ID_BYTES
from ..insights.model import Instance, Video
from ..insights.report import Adjustment
from ..profiles.model import EventWeights, ProfileSettings
from ..ranking.explanation import MatchedKeyword
from ..ranking.query import Explanation, Origin, Recommended
from ..store.port import Catalog, Scenario, WriteOutcome, WriteStatus
from ..vectors.keyword_vector import TICKS_PER_SECOND
from ..vectors.scheme import Scheme
from ..vectors.video import VideoFacts
from .limits import MAX_ANSWER_BYTES

_WRITTEN = (WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.DELETED)


def timestamp(seconds: float) -> Timestamp:
    """Write Unix seconds, exact to the microsecond."""
    micros = round(seconds * 1e6)
    return Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1_000)


def catalog_message(catalog: Catalog) -> catalog_pb.Catalog:
    """Write a catalog, with the settings that count where none were given."""
    settings = catalog.settings
    message = catalog_pb.CatalogSettings(
        weighting_scheme=_SCHEMES[settings.scheme],
        default_language=settings.default_language,
        ignored_keywords=settings.ignored_keywords,
        keyword_aliases=[
            catalog_pb.KeywordAlias(keyword=keyword, canonical=canonical)
            for keyword, canonical in settings.keyword_aliases
        ],
        profile_settings=_profile_settings_message(catalog.profile_settings),
    )
    return catalog_pb.Catalog(name=catalog.name, settings=message, revision=catalog.revision)


_SCHEMES: Mapping[Scheme, catalog_pb.WeightingScheme.ValueType] = {
    scheme: catalog_pb.WeightingScheme.Value(f"WEIGHTING_SCHEME_{scheme}") for scheme in Scheme
}


def _profile_settings_message(settings: ProfileSettings) -> profile_pb.ProfileSettings:
    """Write how events count in a catalog."""
    return profile_pb.ProfileSettings(
        derived_share=settings.derived_share,
        half_life_days=settings.half_life_days,
        event_weights=_weights_message(settings.event_weights),
        popularity_half_life_days=settings.popularity_half_life_days,
    )


def _weights_message(weights: EventWeights) -> profile_pb.EventWeights:
    return profile_pb.EventWeights(
        impression=weights.impression,
        view=weights.view,
        like=weights.like,
        dislike=weights.dislike,
        hide=weights.hide,
    )


def _seconds(statistics: Statistics) -> float:
    # Whole ticks, divided once, are the float nearest to the sum.
    return (statistics.on_screen_seconds * TICKS_PER_SECOND + statistics.on_screen_ticks) / TICKS_PER_SECOND


def statistics_message(statistics: Statistics) -> catalog_pb.CatalogStatistics:
    """Write statistics of an index; what is beside the videos in a catalog is counted elsewhere."""
    return catalog_pb.CatalogStatistics(
        video_count=statistics.videos,
        video_without_keywords_count=statistics.videos_without_keywords,
        keyword_set_count=statistics.keyword_sets,
        keyword_count=statistics.keywords,
        phrase_term_count=statistics.phrase_terms,
        word_term_count=statistics.word_terms,
        on_screen_seconds=_seconds(statistics),
        defaulted_confidence_count=statistics.defaulted_confidences,
        defaulted_duration_count=statistics.defaulted_durations,
        summarized_keyword_set_count=statistics.summarized_keyword_sets,
        languages=[
            catalog_pb.LanguageStatistics(language=language, keyword_set_count=count)
            for language, count in statistics.languages.items()
        ],
    )


def scenario_message(scenario: Scenario) -> scenario_pb.Scenario:
    """Write a scenario, with the settings that were set."""
    ranking = scenario_pb.RankingSettings.FromString(scenario.ranking)
    return scenario_pb.Scenario(name=scenario.name, ranking=ranking, revision=scenario.revision)


def video_message(video: Video, revision: int = 0, *, with_keywords: bool = True) -> types_pb.Video:
    """Write a video."""
    return types_pb.Video(
        video_id=video.video_id,
        title=video.title,
        duration_seconds=video.duration,
        published_time=None if video.published_time is None else timestamp(video.published_time),
        expire_time=None if video.expire_time is None else timestamp(video.expire_time),
        attributes={name: types_pb.AttributeValues(values=values) for name, values in video.attributes.items()},
        keyword_sets=[
            types_pb.KeywordSet(
                language=keyword_set.language,
                summarized=keyword_set.summarized,
                keywords=[
                    types_pb.Keyword(
                        text=keyword.text,
                        confidence=keyword.confidence,
                        instances=[_instance(instance) for instance in keyword.instances],
                    )
                    for keyword in keyword_set.keywords
                ],
            )
            for keyword_set in (video.keyword_sets if with_keywords else ())
        ],
        revision=revision,
    )


def _instance(instance: Instance) -> types_pb.Instance:
    return types_pb.Instance(
        start_seconds=instance.start,
        end_seconds=instance.end,
        source_video_id=instance.source_video_id or "",
        source_start_seconds=instance.source_start,
        source_end_seconds=instance.source_end,
    )


def field_errors(violations: Iterable[Violation]) -> list[types_pb.FieldError]:
    """Write why an item was refused."""
    return [types_pb.FieldError(field=v.field, reason=v.reason, message=v.message) for v in violations]


def rejected(index: int, item_id: str, violations: Sequence[Violation]) -> types_pb.WriteResult:
    """Write that an item was refused. An id that is too long is left out."""
    return types_pb.WriteResult(
        index=index,
        id=item_id if len(item_id.encode()) <= MAX_ID_BYTES else "",
        status=types_pb.WRITE_STATUS_REJECTED,
        field_errors=field_errors(violations),
    )


def written(
    index: int, item_id: str, outcome: WriteOutcome, adjustments: Sequence[Adjustment] = ()
) -> types_pb.WriteResult:
    """Write what became of an item."""
    if outcome.status is WriteStatus.REJECTED:
        return rejected(index, item_id, outcome.violations)
    return types_pb.WriteResult(
        index=index,
        id=item_id,
        status=types_pb.WriteStatus.Value(f"WRITE_STATUS_{outcome.status}"),
        adjustments=[
            types_pb.Adjustment(
                kind=types_pb.AdjustmentKind.Value(f"ADJUSTMENT_KIND_{one.kind}"),
                count=one.count,
                first_field=one.first_field,
            )
            for one in adjustments
        ],
        revision=outcome.revision,
    )


def shortened(results: Sequence[types_pb.WriteResult]) -> Sequence[types_pb.WriteResult]:
    """Keep only the first error of each item if all would not fit into an answer."""
    if sum(result.ByteSize() for result in results) > MAX_ANSWER_BYTES:
        for result in results:
            del result.field_errors[1:]
    return results


def highest_revision(outcomes: Iterable[WriteOutcome]) -> int:
    """Return the highest revision that was written; 0 for none."""
    return max((outcome.revision for outcome in outcomes if outcome.status in _WRITTEN), default=0)


def recommendation_message(recommended: Recommended) -> recommendation_pb.Recommendation:
    """Write one recommended video."""
    message = recommendation_pb.Recommendation(
        video_id=recommended.video_id,
        score=recommended.score,
        origin=_ORIGINS[recommended.origin],
        promotion_id=recommended.promotion_id,
    )
    if recommended.facts is not None:
        message.video.CopyFrom(metadata_message(recommended.facts))
    if recommended.explanation is not None:
        message.explanation.CopyFrom(_explanation_message(recommended.explanation))
    return message


_ORIGINS: Mapping[Origin, recommendation_pb.RecommendationOrigin.ValueType] = {
    origin: recommendation_pb.RecommendationOrigin.Value(f"RECOMMENDATION_ORIGIN_{origin}") for origin in Origin
}


def _explanation_message(explanation: Explanation) -> recommendation_pb.Explanation:
    return recommendation_pb.Explanation(
        language=explanation.language,
        matched_keywords=map(matched_keyword_message, explanation.matched),
        boosts=[
            recommendation_pb.AppliedBoost(
                kind=recommendation_pb.BoostKind.Value(f"BOOST_KIND_{boost.kind}"), share=boost.share
            )
            for boost in explanation.boosts
        ],
        profile_sources=[
            recommendation_pb.ProfileSource(video_id=source.video_id, share=source.share)
            for source in explanation.sources
        ],
    )


def metadata_message(facts: VideoFacts) -> types_pb.Video:
    """Write a video without its keywords."""
    attributes = {name: tuple(values) for name, values in facts.attributes.items()}
    video = Video(facts.video_id, facts.title, facts.duration, facts.published_time, facts.expire_time, attributes)
    return video_message(video, facts.revision, with_keywords=False)


def matched_keyword_message(matched: MatchedKeyword) -> recommendation_pb.MatchedKeyword:
    """Write a keyword with its share of a score."""
    return recommendation_pb.MatchedKeyword(
        keyword=matched.keyword,
        interests=matched.interests,
        share=matched.share,
        idf=matched.idf,
        confidence=matched.confidence,
        on_screen_seconds=matched.on_screen_seconds,
        spans=[types_pb.TimeSpan(start_seconds=start, end_seconds=end) for start, end in matched.spans],
    )
