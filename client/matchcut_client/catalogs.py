"""Catalogs: their settings and statistics."""

from dataclasses import dataclass, field
from enum import StrEnum

from matchcut_client.profiles import ProfileSettings

__all__ = [
    "Catalog",
    "CatalogSettings",
    "CatalogStatistics",
    "CreateCatalogResponse",
    "DeleteCatalogResponse",
    "GetCatalogResponse",
    "KeywordAlias",
    "LanguageStatistics",
    "ListCatalogsResponse",
    "UpdateCatalogResponse",
    "WeightingScheme",
]


class WeightingScheme(StrEnum):
    """How the weight of a keyword follows from its confidence c and its on-screen duration d in seconds."""

    UNSPECIFIED = "UNSPECIFIED"
    """The default, which is `LOG`."""
    LOG = "LOG"
    """c · ln(1 + d)."""
    SQRT = "SQRT"
    """c · √d."""
    LINEAR = "LINEAR"
    """c · d."""
    SHARE = "SHARE"
    """c · ln(1 + 1000 · d / D), with D the duration of the video."""
    CONFIDENCE = "CONFIDENCE"
    """c alone."""


@dataclass(frozen=True, slots=True)
class KeywordAlias:
    """What a keyword stands for."""

    keyword: str
    """The keyword as it occurs."""
    canonical: str
    """The keyword that is matched instead; aliases do not chain."""


@dataclass(frozen=True, slots=True)
class CatalogSettings:
    """How a catalog weighs and compares keywords."""

    weighting_scheme: WeightingScheme = WeightingScheme.UNSPECIFIED
    default_language: str = ""
    """BCP-47 tag of the language assumed where a keyword set names none. Empty: `en-US`."""
    ignored_keywords: tuple[str, ...] = ()
    """Keywords that never match, in videos and interests alike; at most 10,000."""
    keyword_aliases: tuple[KeywordAlias, ...] = ()
    """At most 10,000, each `keyword` once."""
    profile_settings: ProfileSettings | None = None
    """How profiles are derived from events. None: the defaults."""


@dataclass(frozen=True, slots=True)
class LanguageStatistics:
    """How many keyword sets a language has."""

    language: str
    keyword_set_count: int = 0


@dataclass(frozen=True, slots=True)
class CatalogStatistics:
    """Exact counts over the videos of a catalog."""

    video_count: int = 0
    video_without_keywords_count: int = 0
    """Videos without a single keyword in any language. They never match."""
    keyword_set_count: int = 0
    """Keyword sets with at least one keyword that can match: the N of the IDF."""
    keyword_count: int = 0
    """Keywords over all keyword sets."""
    phrase_term_count: int = 0
    """Different whole keywords, stemmed."""
    word_term_count: int = 0
    """Different single words, stemmed."""
    on_screen_seconds: float = 0.0
    """On-screen duration over all keywords."""
    defaulted_confidence_count: int = 0
    """Keywords without a confidence, for which 0.75 counts."""
    defaulted_duration_count: int = 0
    """Keywords without instances, for which 1 second counts."""
    summarized_keyword_set_count: int = 0
    """Keyword sets taken from `summarizedInsights`."""
    languages: tuple[LanguageStatistics, ...] = ()
    profile_count: int = 0
    event_count: int = 0
    scenario_count: int = 0
    standing_interest_count: int = 0


@dataclass(frozen=True, slots=True)
class Catalog:
    """One tenant's videos, profiles, scenarios and statistics."""

    name: str
    """1 to 64 characters of `a-z`, `0-9`, `-` and `_`, beginning with a letter or digit."""
    settings: CatalogSettings = field(default_factory=CatalogSettings)
    """With all defaults filled in."""
    revision: int = 0
    """The revision at which the settings were last changed."""


@dataclass(frozen=True, slots=True)
class CreateCatalogResponse:
    """Answer of `create_catalog`."""

    catalog: Catalog
    created: bool = False
    """False if it existed already with the same settings."""


@dataclass(frozen=True, slots=True)
class UpdateCatalogResponse:
    """Answer of `update_catalog`."""

    catalog: Catalog
    revision: int = 0


@dataclass(frozen=True, slots=True)
class GetCatalogResponse:
    """Answer of `get_catalog`."""

    catalog: Catalog
    statistics: CatalogStatistics = field(default_factory=CatalogStatistics)
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class ListCatalogsResponse:
    """Answer of `list_catalogs`: one page."""

    catalogs: tuple[Catalog, ...] = ()
    """By name, ascending."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""


@dataclass(frozen=True, slots=True)
class DeleteCatalogResponse:
    """Answer of `delete_catalog`."""

    deleted: bool = False
    """False if there was no such catalog."""
    revision: int = 0
