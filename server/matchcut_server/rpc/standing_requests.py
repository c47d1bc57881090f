"""Standing interests, read from requests and from the store."""

from matchcut.v1 import targeting_service_pb2 as pb

from ..errors import Reason
from ..insights.limits import check_id
from ..insights.report import Report
from ..store.standing_port import StoredStanding
from ..targeting.standing import StandingInterest
from . import fields, limits
from .promotions import read_promotion
from .requests import read_filter, read_interests


def read_standing(message: pb.StandingInterest, report: Report) -> StandingInterest:
    """Read a standing interest."""
    check_id("standing_interest_id", message.standing_interest_id, report)
    subject = message.WhichOneof("subject")
    if subject is None:
        report.refuse("", "nothing is looked for; set interests or promotion", Reason.REQUIRED)
    interests = (
        read_interests("interests.interests", message.interests.interests, report) if subject == "interests" else []
    )
    return StandingInterest(
        message.standing_interest_id,
        tuple(interests),
        read_promotion("promotion", message.promotion, report) if subject == "promotion" else None,
        read_filter("filter", message.filter, report),
        fields.number("min_score", message.min_score, 0, 1, report),
        message.revision,
    )


def standing_body(message: pb.StandingInterest, report: Report) -> bytes:
    """Return what is stored of a standing interest, after checking it: the message, but for its id and revision."""
    read_standing(message, report)
    kept = pb.StandingInterest()
    kept.CopyFrom(message)
    kept.ClearField("standing_interest_id")
    kept.ClearField("revision")
    kept.DiscardUnknownFields()  # nobody has checked them
    body = kept.SerializeToString(deterministic=True)
    if len(body) > limits.MAX_STANDING_BYTES:
        text = f"{len(body)} bytes; at most {limits.MAX_STANDING_BYTES} are allowed: use fewer or shorter keywords"
        report.refuse("", text, Reason.TOO_LARGE)
    return body


def stored_message(stored: StoredStanding) -> pb.StandingInterest:
    """Write a standing interest of the store."""
    message = pb.StandingInterest.FromString(stored.body)
    message.standing_interest_id = stored.standing_interest_id
    message.revision = stored.revision
    return message


def read_stored(stored: StoredStanding) -> StandingInterest:
    """Read a standing interest of the store, which was checked when it was written."""
    return read_standing(stored_message(stored), Report())
