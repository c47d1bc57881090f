"""The options of recommendations, read."""

from collections.abc import Sequence

from msgspec import Struct

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb

from ..errors import scenario_not_found
from ..index.filter import Filter
from ..insights.report import Report
from ..ranking.query import Query
from ..ranking.settings import DEFAULTS, RankingSettings
from ..ranking.users import User
from ..store.port import Catalog, Store
from . import fields, limits
from .ranking import merged, ranking_settings, read_ranking
from .requests import read_filter, read_ids


class Options(Struct, frozen=True):
    """`RecommendationOptions`, read."""

    allowed: Filter | None
    excluded: frozenset[str]
    min_score: float
    explain: bool
    with_metadata: bool
    min_revision: int
    scenario: str
    """Empty: none."""
    own: scenario_pb.RankingSettings
    """The ranking settings of the request itself."""
    ranking: RankingSettings
    """The same, read: what counts without a scenario."""

    def ranking_in(self, store: Store, catalog: Catalog) -> RankingSettings:
        """Return the ranking settings that count. Raises `NotFound` if the catalog has no such scenario."""
        if not self.scenario:
            return self.ranking
        found = store.scenarios.scenario(catalog.catalog_id, self.scenario)
        if found is None:
            raise scenario_not_found(catalog.name, self.scenario)
        return ranking_settings(merged(scenario_pb.RankingSettings.FromString(found.ranking), self.own))

    def query(
        self, limit: int, ranking: RankingSettings, user: User | None, given: bytes, excluded: Sequence[str] = ()
    ) -> Query:
        """Return the query for one user. `excluded`: more videos that must not be returned."""
        return Query(
            limit,
            self.allowed,
            self.excluded.union(excluded) if excluded else self.excluded,
            self.min_score,
            self.explain,
            self.with_metadata,
            given,
            user,
            ranking,
        )


def read_options(message: pb.RecommendationOptions, report: Report) -> Options:
    """Read the options of a request."""
    return Options(
        read_filter("options.filter", message.filter, report),
        frozenset(read_ids("options.exclude_ids", message.exclude_ids, limits.MAX_EXCLUDED, report)),
        fields.number("options.min_score", message.min_score, 0, 1, report),
        message.explain,
        message.include_metadata,
        fields.revision("options.min_revision", message.min_revision, report),
        fields.scenario_name("options.scenario", message.scenario, report) if message.scenario else "",
        message.ranking,
        read_ranking("options.ranking", message.ranking, report) if message.HasField("ranking") else DEFAULTS,
    )
