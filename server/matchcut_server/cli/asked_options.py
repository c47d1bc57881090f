"""Options that say which keywords are asked for: the same for a search and for what is made of one."""

import argparse
from collections.abc import Sequence
from typing import Any

from matchcut_client import AskedKeyword, KeywordMatch, MomentOrder
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.filter_options import add_filter_options, filter_of
from matchcut_server.cli.weights import parse_weighted

_ORDERS = {"score": MomentOrder.SCORE, "oldest": MomentOrder.OLDEST_FIRST, "newest": MomentOrder.NEWEST_FIRST}


def add_asked_options(parser: argparse.ArgumentParser) -> None:
    """Add the keywords, the conditions between them, and a filter; `--max-per-video` is left to the command."""
    group = parser.add_argument_group("keywords", "A weight says how much a keyword counts; only ratios matter.")
    group.add_argument("keywords", nargs="*", metavar="KEYWORD[=WEIGHT]", help="each of these has to occur")
    group.add_argument(
        "--any", action="append", default=[], metavar="KEYWORD[=WEIGHT]", help="at least one of these; may be repeated"
    )
    group.add_argument(
        "--none", action="append", default=[], metavar="KEYWORD", help="none of these occurs; may be repeated"
    )
    _add_match_options(group)
    group.add_argument(
        "--within",
        type=float,
        metavar="SECONDS",
        help="the conditions hold for a moment: its keywords are on screen with at most so much between them",
    )
    _add_published_only(parser)
    parser.add_argument(
        "--min-score", type=float, default=0.0, metavar="SCORE", help="least score of a moment (default: 0)"
    )
    parser.add_argument(
        "--near-duplicates", action="store_true", help="keep moments that near-duplicate videos have in common"
    )
    add_filter_options(parser)


def add_counted_options(parser: argparse.ArgumentParser) -> None:
    """Add how keywords that are counted match, and a filter."""
    _add_match_options(parser.add_argument_group("keywords"))
    _add_published_only(parser)
    add_filter_options(parser)


def _add_match_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--exact",
        action="store_true",
        help="match keywords word for word, instead of those that contain all the words",
    )
    group.add_argument(
        "--keyword-language", default="", metavar="TAG", help="language of the keywords (default: those of the catalog)"
    )


def _add_published_only(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--published-only", action="store_true", help="only videos that are published and not expired")


def add_order_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for the order of moments."""
    parser.add_argument(
        "--order", choices=_ORDERS, default="score", help="best score, oldest or newest video first (default: score)"
    )


def order_of(arguments: argparse.Namespace) -> MomentOrder:
    """Return the order that was given."""
    return _ORDERS[arguments.order]


def asked_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what was asked for as arguments of `search_moments`. Raises `Failure` if it is nothing."""
    if not arguments.keywords and not arguments.any:
        raise Failure("give at least one keyword, or --any", code=2)
    return {
        "all_of": _keywords(arguments.keywords, arguments),
        "any_of": _keywords(arguments.any, arguments),
        "none_of": _keywords(arguments.none, arguments),
        "within_seconds": arguments.within,
        "filter": filter_of(arguments),
        "published_only": arguments.published_only,
        "min_score": arguments.min_score,
        "max_moments_per_video": arguments.max_per_video,
        "include_near_duplicates": arguments.near_duplicates,
    }


def counted_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return which videos are counted as arguments of what counts keywords."""
    return {"filter": filter_of(arguments), "published_only": arguments.published_only}


def keyword_of(text: str, arguments: argparse.Namespace, weight: float | None = None) -> AskedKeyword:
    """Return a keyword that is asked for."""
    match = KeywordMatch.EXACT if arguments.exact else KeywordMatch.WORDS
    return AskedKeyword(text, arguments.keyword_language, match, weight)


def _keywords(texts: Sequence[str], arguments: argparse.Namespace) -> list[AskedKeyword]:
    weighted = [parse_weighted(text) for text in texts]
    return [keyword_of(keyword, arguments, weight) for keyword, weight in weighted]
