"""Promotions and their rules, read from requests."""

from collections.abc import Sequence

from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import targeting_service_pb2 as pb

from ..errors import Reason, quote
from ..insights.limits import check_id
from ..insights.report import Report
from ..insights.text import without_control
from ..ranking.query import Seed
from ..targeting.promotion import DEFAULT_DISTANCE_SECONDS, PlacementRules, Promotion
from . import fields, limits
from .asking import read_asked_keywords
from .requests import read_filter, read_interests


def read_promotion(field: str, message: pb.Promotion, report: Report) -> Promotion:
    """Read a promotion."""
    promotion_id = read_promotion_id(f"{field}.promotion_id", message.promotion_id, report)
    if not message.interests and not message.seeds:
        report.refuse(field, "a promotion has interests, seeds or both; give at least one", Reason.REQUIRED)
    interests = read_interests(f"{field}.interests", message.interests, report, least=0)
    weight = message.weight if message.HasField("weight") else 1.0
    fields.number(f"{field}.weight", weight, 0, limits.MAX_WEIGHT, report)
    if weight == 0:
        report.refuse(f"{field}.weight", "0 would never win a slot; give a weight above 0, or leave the promotion out")
    return Promotion(
        promotion_id,
        tuple(interests),
        tuple(read_seeds(f"{field}.seeds", message.seeds, report, least=0)),
        weight,
        read_rules(f"{field}.rules", message.rules, 0.0, report),
    )


def read_promotions(field: str, messages: Sequence[pb.Promotion], most: int, report: Report) -> list[Promotion]:
    """Read several promotions, each with its own id."""
    if not fields.count(field, messages, most, report):
        return []
    promotions = [read_promotion(f"{field}[{i}]", message, report) for i, message in enumerate(messages)]
    seen: set[str] = set()
    for i, promotion in enumerate(promotions):
        own = f"{field}[{i}].promotion_id"
        if not promotion.promotion_id and len(promotions) > 1:
            report.refuse(own, "several promotions need an id each; give one", Reason.REQUIRED)
        elif promotion.promotion_id in seen:
            message = f"{quote(promotion.promotion_id)} occurs earlier in this request; give each promotion its own id"
            report.refuse(own, message, Reason.DUPLICATE_ID)
        seen.add(promotion.promotion_id)
    return promotions


def read_promotion_id(field: str, promotion_id: str, report: Report) -> str:
    """Read the id of a promotion; it may be empty."""
    fields.size(field, promotion_id, limits.MAX_KEY_BYTES, report)
    if without_control(promotion_id) != promotion_id:
        report.refuse(field, f"{quote(promotion_id)} has control characters; leave them out")
    return promotion_id


def read_seeds(
    field: str, messages: Sequence[recommendation_pb.VideoSeed], report: Report, *, least: int = 1
) -> list[Seed]:
    """Read videos that stand for what is looked for."""
    seeds = []
    if fields.count(field, messages, limits.MAX_SEEDS, report, least=least):
        for i, message in enumerate(messages):
            check_id(f"{field}[{i}].video_id", message.video_id, report)
            weight = message.weight if message.HasField("weight") else 1.0
            fields.number(f"{field}[{i}].weight", weight, -limits.MAX_WEIGHT, limits.MAX_WEIGHT, report)
            seeds.append(Seed(message.video_id, weight))
    return seeds


def read_request_rules(message: pb.PlacementRules, report: Report) -> PlacementRules:
    """Read the rules of a request, which hold for all promotions together."""
    return read_rules("rules", message, DEFAULT_DISTANCE_SECONDS, report)


def read_rules(field: str, message: pb.PlacementRules, distance: float, report: Report) -> PlacementRules:
    """Read rules. `distance`: between placements, in seconds, where none is given."""
    if message.HasField("min_distance_seconds"):
        distance = message.min_distance_seconds
    fields.number(f"{field}.min_distance_seconds", distance, 0, limits.MAX_WINDOW_SECONDS, report)
    for name in ("skip_first_seconds", "skip_last_seconds"):
        fields.number(f"{field}.{name}", getattr(message, name), 0, limits.MAX_WINDOW_SECONDS, report)
    for name in ("max_placements_per_video", "max_placements"):
        fields.limit(f"{field}.{name}", getattr(message, name), report)
    excluded, nearby = (
        tuple(read_asked_keywords(f"{field}.{name}", getattr(message, name), limits.MAX_EXCLUDED_KEYWORDS, report))
        for name in ("excluded_keywords", "excluded_nearby_keywords")
    )
    return PlacementRules(
        read_filter(f"{field}.filter", message.filter, report),
        distance,
        message.max_placements_per_video,
        message.max_placements,
        message.skip_first_seconds,
        message.skip_last_seconds,
        excluded,
        nearby,
    )
