"""`ScenarioService`."""

from collections.abc import Iterator

import grpc

from matchcut.v1 import scenario_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1.scenario_service_pb2_grpc import ScenarioServiceServicer

from ..errors import Reason, catalog_not_found, scenario_not_found
from ..index.follower import Follower
from ..insights.report import Report
from ..store.port import Catalog, Scenario, Store
from . import fields, limits
from .answers import scenario_message
from .deadline import time_remaining
from .ranking import read_ranking
from .token import PageTokens, request_digest

_READ_AT_ONCE = 20


class ScenarioServicer(ScenarioServiceServicer):
    """See `scenario_service.proto`."""

    def __init__(self, store: Store, follower: Follower, tokens: PageTokens) -> None:
        self._store = store
        self._follower = follower
        self._tokens = tokens

    def UpsertScenario(
        self, request: pb.UpsertScenarioRequest, context: grpc.ServicerContext
    ) -> pb.UpsertScenarioResponse:
        """See `UpsertScenario` in the contract."""
        report = Report()
        catalog_name = fields.catalog_name("catalog", request.catalog, report)
        name, ranking = _read_scenario(request, report)
        report.raise_if_refused()
        catalog = self._written_catalog(catalog_name)
        scenario, status = self._store.scenarios.put(
            catalog.catalog_id, name, ranking, limits.MAX_SCENARIOS, time_remaining(context)
        )
        return pb.UpsertScenarioResponse(
            scenario=scenario_message(scenario),
            status=types_pb.WriteStatus.Value(f"WRITE_STATUS_{status}"),
            revision=self._followed_revision(catalog),
        )

    def GetScenario(self, request: pb.GetScenarioRequest, context: grpc.ServicerContext) -> pb.GetScenarioResponse:
        """See `GetScenario` in the contract."""
        report = Report()
        catalog_name = fields.catalog_name("catalog", request.catalog, report)
        name = fields.scenario_name("name", request.name, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(catalog_name, min_revision)
        revision = self._follower.check_revision(min_revision)
        scenario = self._store.scenarios.scenario(catalog.catalog_id, name)
        if scenario is None:
            raise scenario_not_found(catalog_name, name)
        return pb.GetScenarioResponse(scenario=scenario_message(scenario), index_revision=revision)

    def ListScenarios(
        self, request: pb.ListScenariosRequest, context: grpc.ServicerContext
    ) -> pb.ListScenariosResponse:
        """See `ListScenarios` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, min_revision)
        digest = request_digest("ListScenarios", f"{catalog.catalog_id} {request.include_total}".encode())
        after = self._tokens.open(digest, request.page_token).decode() if request.page_token else ""
        response = pb.ListScenariosResponse(index_revision=self._follower.check_revision(min_revision))
        if request.include_total:
            response.total_count = self._store.scenarios.scenario_count(catalog.catalog_id)
        budget = limits.MAX_ANSWER_BYTES
        for scenario in self._scenarios(catalog, after):
            message = scenario_message(scenario)
            budget -= message.ByteSize()
            if response.scenarios and (budget < 0 or len(response.scenarios) == size):
                response.next_page_token = self._tokens.seal(digest, response.scenarios[-1].name.encode())
                break
            response.scenarios.append(message)
        return response

    def DeleteScenario(
        self, request: pb.DeleteScenarioRequest, context: grpc.ServicerContext
    ) -> pb.DeleteScenarioResponse:
        """See `DeleteScenario` in the contract."""
        report = Report()
        catalog_name = fields.catalog_name("catalog", request.catalog, report)
        name = fields.scenario_name("name", request.name, report)
        report.raise_if_refused()
        catalog = self._written_catalog(catalog_name)
        deleted = self._store.scenarios.delete(catalog.catalog_id, name, time_remaining(context))
        return pb.DeleteScenarioResponse(deleted=deleted, revision=self._followed_revision(catalog))

    def _written_catalog(self, name: str) -> Catalog:
        catalog = self._store.catalog(name)  # of this moment: another process may just have made it anew
        if catalog is None:
            raise catalog_not_found(name)
        return catalog

    def _followed_revision(self, catalog: Catalog) -> int:
        """Return the newest revision, once the catalog's index bears it, so that no read here has to wait for it."""
        revision = self._store.revision()
        self._follower.follow(catalog, revision)
        return revision

    def _scenarios(self, catalog: Catalog, after: str) -> Iterator[Scenario]:
        """Yield scenarios by name, read a few at a time: a page may end early, and each may be large."""
        while some := self._store.scenarios.scenarios(catalog.catalog_id, after, _READ_AT_ONCE):
            yield from some
            after = some[-1].name


def _read_scenario(request: pb.UpsertScenarioRequest, report: Report) -> tuple[str, bytes]:
    """Read a name, and what was set of the settings as it is stored."""
    if not request.HasField("scenario"):
        report.refuse("scenario", "a scenario is required; it replaces the one of its name whole", Reason.REQUIRED)
        return "", b""
    ranking = request.scenario.ranking
    name = fields.scenario_name("scenario.name", request.scenario.name, report)
    read_ranking("scenario.ranking", ranking, report)
    ranking.DiscardUnknownFields()  # nobody has checked them
    content = ranking.SerializeToString(deterministic=True)
    if len(content) > limits.MAX_SETTINGS_BYTES:
        text = f"{len(content)} bytes; at most {limits.MAX_SETTINGS_BYTES} are allowed: use fewer or shorter conditions"
        report.refuse("scenario.ranking", text, Reason.TOO_LARGE)
    return name, content
