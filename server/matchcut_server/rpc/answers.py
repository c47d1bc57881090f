"""Domain objects to answers."""

from collections.abc import Iterable, Mapping, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import types_pb2 as types_pb

from ..errors import Violation
from ..index.port import Statistics
from ..insights.limits import MAX_ID_BYTES
from ..insights.model import Instance, Video
from ..insights.report import Adjustment
from ..ranking.explanation import MatchedKeyword
from ..ranking.recommender import Recommended
from ..store.port import Catalog, WriteOutcome, WriteStatus
from ..vectors.keyword_vector import TICKS_PER_SECOND
from ..vectors.scheme import Scheme
from ..vectors.settings import CatalogSettings
from ..vectors.video import VideoFacts
from .limits import MAX_ANSWER_BYTES

_WRITTEN = (WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.DELETED)


def timestamp(seconds: float) -> Timestamp:
    """Write Unix seconds, exact to the microsecond."""
    micros = round(seconds * 1e6)
    return Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1_000)


def settings_message(settings: CatalogSettings) -> catalog_pb.CatalogSettings:
    """Write the settings of a catalog."""
    return catalog_pb.CatalogSettings(
        weighting_scheme=_SCHEMES[settings.scheme],
        default_language=settings.default_language,
        ignored_keywords=settings.ignored_keywords,
        keyword_aliases=[
            catalog_pb.KeywordAlias(keyword=keyword, canonical=canonical)
            for keyword, canonical in settings.keyword_aliases
        ],
    )


_SCHEMES: Mapping[Scheme, catalog_pb.WeightingScheme.ValueType] = {
    scheme: catalog_pb.WeightingScheme.Value(f"WEIGHTING_SCHEME_{scheme}") for scheme in Scheme
}


def catalog_message(catalog: Catalog) -> catalog_pb.Catalog:
    """Write a catalog."""
    return catalog_pb.Catalog(name=catalog.name, settings=settings_message(catalog.settings), revision=catalog.revision)


def _seconds(statistics: Statistics) -> float:
    # Whole ticks, divided once, are the float nearest to the sum.
    return (statistics.on_screen_seconds * TICKS_PER_SECOND + statistics.on_screen_ticks) / TICKS_PER_SECOND


def statistics_message(statistics: Statistics) -> catalog_pb.CatalogStatistics:
    """Write statistics."""
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
        video_id=recommended.hit.video_id,
        score=recommended.hit.score,
        origin=recommendation_pb.RECOMMENDATION_ORIGIN_MATCH,
    )
    if recommended.facts is not None:
        message.video.CopyFrom(_metadata_message(recommended.facts))
    if recommended.matched is not None:
        message.explanation.language = recommended.hit.language
        message.explanation.matched_keywords.extend(map(_matched_keyword, recommended.matched))
    return message


def _metadata_message(facts: VideoFacts) -> types_pb.Video:
    attributes = {name: tuple(values) for name, values in facts.attributes.items()}
    video = Video(facts.video_id, facts.title, facts.duration, facts.published_time, facts.expire_time, attributes)
    return video_message(video, facts.revision, with_keywords=False)


def _matched_keyword(matched: MatchedKeyword) -> recommendation_pb.MatchedKeyword:
    return recommendation_pb.MatchedKeyword(
        keyword=matched.keyword,
        interests=matched.interests,
        share=matched.share,
        idf=matched.idf,
        confidence=matched.confidence,
        on_screen_seconds=matched.on_screen_seconds,
        spans=[types_pb.TimeSpan(start_seconds=start, end_seconds=end) for start, end in matched.spans],
    )
