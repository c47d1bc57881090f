"""Checks of single request fields, the same for every service. What is wrong goes into a report."""

import math
import re
from collections.abc import Sized

from google.protobuf.timestamp_pb2 import Timestamp

from ..errors import Reason, quote
from ..insights.language import canonical_language
from ..insights.limits import MAX_ATTRIBUTE_NAME_LENGTH
from ..insights.report import Report
from ..insights.timespan import FIRST_MOMENT, LAST_MOMENT
from ..store.port import DEFAULT_CATALOG

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def catalog_name(field: str, name: str, report: Report) -> str:
    """Return the name of a catalog; empty means the default one."""
    name = name or DEFAULT_CATALOG
    _check_name(field, name, "catalog", report)
    return name


def scenario_name(field: str, name: str, report: Report) -> str:
    """Return the name of a scenario, which is required."""
    if name:
        _check_name(field, name, "scenario", report)
    else:
        report.refuse(field, "the name of a scenario is required", Reason.REQUIRED)
    return name


def _check_name(field: str, name: str, owner: str, report: Report) -> None:
    if not _NAME.fullmatch(name):
        message = f"{quote(name)} is not a {owner}'s name: 1 to 64 of a-z, 0-9, - and _, a letter or digit first"
        report.refuse(field, message)


def attribute_name(field: str, name: str, report: Report) -> str:
    """Refuse what cannot be the name of an attribute."""
    if not 1 <= len(name) <= MAX_ATTRIBUTE_NAME_LENGTH:
        message = f"{quote(name)}: a name has 1 to {MAX_ATTRIBUTE_NAME_LENGTH} characters"
        report.refuse(field, message, Reason.TOO_LARGE if name else Reason.REQUIRED)
    return name


def page_size(field: str, value: int, default: int, most: int, report: Report) -> int:
    """Return how many to give: a default for 0, at most the limit."""
    if value < 0:
        report.refuse(field, f"{value} is negative; give 0 for the default of {default}, or up to {most}")
    return min(value or default, most)


def limit(field: str, value: int, report: Report) -> int:
    """Refuse a negative limit; 0 means none."""
    if value < 0:
        report.refuse(field, f"{value} is negative; give 0 for no limit")
    return value


def count(field: str, items: Sized, most: int, report: Report, *, least: int = 1) -> bool:
    """Refuse too many or too few items; tell whether their number is right."""
    if len(items) < least:
        report.refuse(field, f"at least {least} is required", Reason.REQUIRED)
    elif len(items) > most:
        report.refuse(field, f"{len(items)} items; at most {most} are allowed: send them in parts", Reason.TOO_LARGE)
    return least <= len(items) <= most


def moment(field: str, time: Timestamp, report: Report) -> float:
    """Return a timestamp as Unix seconds."""
    if not FIRST_MOMENT <= time.seconds <= LAST_MOMENT or not 0 <= time.nanos < 1_000_000_000:
        message = f"seconds {time.seconds}, nanos {time.nanos} is not a time of the years 1 to 9999"
        report.refuse(field, message)
    return min(round(time.seconds + time.nanos / 1e9, 6), float(LAST_MOMENT))  # rounding must not leave the years


def language(field: str, tag: str, report: Report) -> str:
    """Return a BCP-47 tag in its usual case; empty stays empty."""
    if not tag:
        return ""
    canonical = canonical_language(tag)
    if canonical is None:
        report.refuse(field, f"{quote(tag)} is not a BCP-47 language tag such as en-US")
    return canonical or ""


def number(field: str, value: float, least: float, most: float, report: Report) -> float:
    """Refuse what is not a finite number in a range."""
    if not math.isfinite(value) or not least <= value <= most:
        report.refuse(field, f"{value} is not a number from {least:g} to {most:g}")
    return value


def finite(field: str, value: float, least: float, report: Report) -> float:
    """Refuse what is not a finite number, or less than `least`."""
    if not math.isfinite(value) or value < least:
        report.refuse(field, f"{value} is not a finite number of {least:g} or more")
    return value


def size(field: str, text: str, most: int, report: Report) -> str:
    """Refuse a text of too many bytes; it may be empty."""
    if len(text.encode()) > most:
        message = f"{quote(text)} has {len(text.encode())} bytes; at most {most} are allowed"
        report.refuse(field, message, Reason.TOO_LARGE)
    return text


def revision(field: str, value: int, report: Report) -> int:
    """Refuse negative revisions."""
    if value < 0:
        report.refuse(field, f"{value} is negative; give a revision that a write returned, or 0 for any")
    return value
