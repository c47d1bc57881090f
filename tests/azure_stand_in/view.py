"""What of a document is answered: Get Video Index's own choices."""

from collections.abc import Mapping
from typing import Any

from tests.azure_stand_in.translation import language_tag, translate

INSIGHTS = (
    "transcript",
    "ocr",
    "keywords",
    "topics",
    "faces",
    "labels",
    "scenes",
    "shots",
    "brands",
    "namedLocations",
    "namedPeople",
    "audioEffects",
    "observedPeople",
    "detectedObjects",
    "sentiments",
    "emotions",
    "visualContentModeration",
    "blocks",
    "framePatterns",
    "speakers",
)
"""Insights that are lists, which alone can be chosen."""

_STREAMING = ("publishedUrl", "publishedProxyUrl", "viewToken")


class Refusal(Exception):
    """A parameter can't be taken; the text says which."""


def choose(document: dict[str, Any], query: Mapping[str, str], *, filters: bool = True) -> None:
    """Change a whole document, in place, to what a query asks for.

    Raises Refusal. Without `filters` only `language` is heeded.
    """
    if language := query.get("language"):
        tag = language_tag(language)
        if tag is None:
            raise Refusal(f"Language '{language}' is not supported.")
        translate(document, tag)
    included, excluded = (_names(query, name) for name in ("includedInsights", "excludedInsights"))
    if included and excluded:
        raise Refusal("includedInsights and excludedInsights can't be used together.")
    summarized = _flag(query, "includeSummarizedInsights")
    streaming = _flag(query, "includeStreamingUrls")
    _flag(query, "reTranslate")
    if filters:
        _leave_out(document, included, excluded, summarized=summarized, streaming=streaming)


def _leave_out(
    document: dict[str, Any], included: set[str], excluded: set[str], *, summarized: bool, streaming: bool
) -> None:
    if not summarized:
        document["summarizedInsights"] = None
    for video in document.get("videos", ()):
        if not streaming:
            for name in _STREAMING:
                video.pop(name, None)
        insights = video.get("insights") or {}
        for name in INSIGHTS:
            if name in excluded or (included and name not in included):
                insights.pop(name, None)


def _names(query: Mapping[str, str], parameter: str) -> set[str]:
    known = {name.lower(): name for name in INSIGHTS}
    asked = [name.strip() for name in query.get(parameter, "").split(",") if name.strip()]
    if unknown := [name for name in asked if name.lower() not in known]:
        raise Refusal(f"{parameter}: '{unknown[0]}' is not an insight.")
    return {known[name.lower()] for name in asked}


def _flag(query: Mapping[str, str], parameter: str) -> bool:
    value = query.get(parameter, "false" if parameter == "reTranslate" else "true").lower()
    if value not in {"true", "false"}:
        raise Refusal(f"{parameter}: '{value}' is neither true nor false.")
    return value == "true"
