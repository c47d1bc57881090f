"""What methods that read a catalog have in common: the catalog, its view, and page tokens."""

from collections.abc import Sequence
from typing import NamedTuple

import grpc

from matchcut.v1 import search_service_pb2 as pb

from ..errors import Reason, quote
from ..index.follower import Follower
from ..index.port import View
from ..insights.limits import check_keyword
from ..insights.report import Report
from ..insights.text import has_word, normalise
from ..search.asked import AskedKeyword, KeywordMatch
from ..store.port import Catalog, Store
from . import fields, limits
from .deadline import wait_seconds
from .token import PageTokens


class Seen(NamedTuple):
    """A catalog, and its index as one request sees it."""

    catalog: Catalog
    view: View


class Asking:
    """Methods that read a catalog."""

    def __init__(self, store: Store, follower: Follower, tokens: PageTokens) -> None:
        self._store = store
        self._follower = follower
        self._tokens = tokens

    def _see(self, name: str, min_revision: int, context: grpc.ServicerContext) -> Seen:
        """Return a catalog and its view. Raises `NotFound`, and what waiting for a revision raises."""
        catalog = self._follower.catalog(name, min_revision)
        return Seen(catalog, self._follower.view(catalog, min_revision, wait_seconds(context)))


def read_asked_keywords(
    field: str, messages: Sequence[pb.AskedKeyword], most: int, report: Report, *, least: int = 0
) -> list[AskedKeyword]:
    """Read keywords that are asked for."""
    if not fields.count(field, messages, most, report, least=least):
        return []
    return [read_asked_keyword(f"{field}[{i}]", message, report) for i, message in enumerate(messages)]


def read_asked_keyword(field: str, message: pb.AskedKeyword, report: Report) -> AskedKeyword:
    """Read a keyword that is asked for."""
    if check_keyword(f"{field}.keyword", message.keyword, report) and not has_word(normalise(message.keyword)):
        report.refuse(
            f"{field}.keyword", f"{quote(message.keyword)} has no letter or digit, so that nothing matches it"
        )
    weight = message.weight if message.HasField("weight") else 1.0
    fields.number(f"{field}.weight", weight, 0, limits.MAX_WEIGHT, report)
    if weight == 0:
        report.refuse(f"{field}.weight", "0 would not count at all; give a weight above 0, or leave the keyword out")
    return AskedKeyword(
        message.keyword,
        _read_match(f"{field}.keyword_match", message.keyword_match, report),
        fields.language(f"{field}.language", message.language, report),
        weight,
    )


def _read_match(field: str, value: int, report: Report) -> KeywordMatch:
    names = pb.KeywordMatch.DESCRIPTOR.values_by_number
    if value not in names:
        report.refuse(field, f"{value} is no way to match; give one of {', '.join(KeywordMatch)}", Reason.INVALID_VALUE)
        return KeywordMatch.WORDS
    name = names[value].name.removeprefix("KEYWORD_MATCH_")
    return KeywordMatch.WORDS if name == "UNSPECIFIED" else KeywordMatch(name)
