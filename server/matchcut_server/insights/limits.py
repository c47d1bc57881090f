"""Limits of ids, titles and attributes, and the checks for them."""

import math
from collections.abc import Mapping, Sequence

from ..errors import InvalidInput, Reason, Violation, quote
from .model import KeywordSet, Video
from .report import Report
from .text import has_control

MAX_ID_BYTES = 256
MAX_SOURCE_ID_BYTES = 128
MAX_KEYWORD_LENGTH = 256
"""In characters."""
MAX_TITLE_LENGTH = 1_024
MAX_ATTRIBUTES = 100
MAX_ATTRIBUTE_NAME_LENGTH = 64
MAX_ATTRIBUTE_VALUES = 100
MAX_ATTRIBUTE_VALUE_LENGTH = 256
MAX_ATTRIBUTES_BYTES = 64 * 1024
MAX_KEYWORD_SETS = 64
MAX_KEYWORD_SETS_BYTES = 3 * 1024 * 1024
"""So that a whole video fits into one answer."""


def check_id(field: str, value: str, report: Report, limit: int = MAX_ID_BYTES) -> None:
    """Refuse what cannot be an id: empty, too long, or with characters that cannot be seen."""
    if not value:
        report.refuse(field, f"an id is required: 1 to {limit} bytes", Reason.REQUIRED)
    elif len(value.encode()) > limit:
        message = f"{quote(value)} has {len(value.encode())} bytes; an id may have at most {limit}"
        report.refuse(field, message, Reason.TOO_LARGE)
    elif has_control(value):
        report.refuse(field, f"{quote(value)} has a control character; remove it")


def check_keyword(field: str, text: str, report: Report) -> bool:
    """Refuse what cannot be a keyword; tell whether it can."""
    if is_keyword(text):
        return True
    if not text.strip():
        report.refuse(field, f"a keyword needs a text of 1 to {MAX_KEYWORD_LENGTH} characters", Reason.REQUIRED)
    elif len(text) > MAX_KEYWORD_LENGTH:
        message = f"{quote(text)} has {len(text)} characters; a keyword may have at most {MAX_KEYWORD_LENGTH}"
        report.refuse(field, message, Reason.TOO_LARGE)
    else:
        report.refuse(field, f"{quote(text)} has a control character; remove it")
    return False


def is_keyword(text: str) -> bool:
    """Tell whether a text can be a keyword."""
    return len(text) <= MAX_KEYWORD_LENGTH and bool(text.strip()) and not has_control(text)


def check_title(field: str, title: str, report: Report) -> None:
    """Refuse titles that are too long or would garble a terminal."""
    if len(title) > MAX_TITLE_LENGTH:
        message = f"{quote(title)} has {len(title)} characters; a title may have at most {MAX_TITLE_LENGTH}"
        report.refuse(field, message, Reason.TOO_LARGE)
    elif has_control(title):
        report.refuse(field, f"{quote(title)} has a control character; remove it")


def check_duration(field: str, seconds: float, limit: float, report: Report) -> None:
    """Refuse what cannot be a duration in seconds."""
    if not math.isfinite(seconds) or not 0 <= seconds <= limit:
        report.refuse(field, f"{seconds} is not a duration; give seconds from 0 (unknown) to {limit:.0f}")


def checked_attributes(
    field: str, attributes: Mapping[str, Sequence[str]], report: Report, *, may_be_empty: bool
) -> dict[str, tuple[str, ...]]:
    """Return attributes by name with repeated values taken once; refuse what is beyond the limits.

    `may_be_empty`: whether an attribute may have no values, which means that it is to be removed.
    """
    if len(attributes) > MAX_ATTRIBUTES:
        message = f"{len(attributes)} attributes; at most {MAX_ATTRIBUTES} are allowed"
        report.refuse(field, message, Reason.TOO_LARGE)
        return {}
    checked = {}
    for name in sorted(attributes):
        where = f"{field}[{quote(name)}]"
        values = tuple(dict.fromkeys(attributes[name]))
        if not name or len(name) > MAX_ATTRIBUTE_NAME_LENGTH or has_control(name):
            message = f"a name has 1 to {MAX_ATTRIBUTE_NAME_LENGTH} characters and no control characters"
            report.refuse(where, message)
        elif not values and not may_be_empty:
            report.refuse(where, "an attribute needs a value; leave it out if it has none", Reason.REQUIRED)
        elif len(values) > MAX_ATTRIBUTE_VALUES:
            report.refuse(where, f"{len(values)} values; at most {MAX_ATTRIBUTE_VALUES} are allowed", Reason.TOO_LARGE)
        elif "" in values:
            report.refuse(where, "a value is empty; leave it out", Reason.REQUIRED)
        elif any(len(value) > MAX_ATTRIBUTE_VALUE_LENGTH for value in values):
            report.refuse(where, f"a value has 1 to {MAX_ATTRIBUTE_VALUE_LENGTH} characters", Reason.TOO_LARGE)
        elif any(map(has_control, values)):
            report.refuse(where, "a value has a control character; remove it")
        checked[name] = values
    return checked


def check_size(video: Video) -> Video:
    """Return a video that is small enough to be kept. Raises `InvalidInput` otherwise."""
    violations = []
    size = sum(len(name.encode()) + sum(len(v.encode()) for v in values) for name, values in video.attributes.items())
    if len(video.attributes) > MAX_ATTRIBUTES or size > MAX_ATTRIBUTES_BYTES:
        message = (
            f"{len(video.attributes)} attributes of {size} bytes; a video may have {MAX_ATTRIBUTES} of "
            f"{MAX_ATTRIBUTES_BYTES} bytes in all: remove some"
        )
        violations.append(Violation("attributes", Reason.TOO_LARGE, message))
    if len(video.keyword_sets) > MAX_KEYWORD_SETS:
        message = f"{len(video.keyword_sets)} keyword sets; a video may have at most {MAX_KEYWORD_SETS}"
        violations.append(Violation("keyword_sets", Reason.TOO_LARGE, message))
    elif sum(map(_encoded_bytes, video.keyword_sets)) > MAX_KEYWORD_SETS_BYTES:
        message = f"the keyword sets have more than {MAX_KEYWORD_SETS_BYTES} bytes in all; merge or remove instances"
        violations.append(Violation("keyword_sets", Reason.TOO_LARGE, message))
    if violations:
        raise InvalidInput(violations)
    return video


def _encoded_bytes(keyword_set: KeywordSet) -> int:
    """Bound the bytes of a keyword set in the contract's encoding."""
    texts = 24 * len(keyword_set.texts) + 4 * sum(map(len, keyword_set.texts))
    sources = () if keyword_set.sources is None else keyword_set.sources.video_ids
    of_sources = sum(24 + len(source_id.encode()) for source_id in sources if source_id is not None)
    return texts + 24 * len(keyword_set.starts) + of_sources
