"""Methods of ScenarioService."""

from collections.abc import Iterator

from matchcut.v1.scenario_service_pb2 import (
    DeleteScenarioRequest,
    GetScenarioRequest,
    ListScenariosRequest,
    UpsertScenarioRequest,
)
from matchcut_client.conversion import to_request
from matchcut_client.paging import pages
from matchcut_client.scenarios import (
    DeleteScenarioResponse,
    GetScenarioResponse,
    ListScenariosResponse,
    Scenario,
    UpsertScenarioResponse,
)
from matchcut_client.services.base import ServiceMethods


class ScenarioMethods(ServiceMethods):
    """Scenarios: named, stored sets of ranking settings, each for one place on a site."""

    def upsert_scenario(
        self, scenario: Scenario, *, catalog: str | None = None, timeout: float | None = None
    ) -> UpsertScenarioResponse:
        """Create a scenario or replace its settings whole."""
        request = to_request(UpsertScenarioRequest, catalog=self._catalog(catalog), scenario=scenario)
        return self._call(self.stubs.scenario.UpsertScenario, request, UpsertScenarioResponse, timeout)

    def get_scenario(
        self,
        name: str,
        *,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> GetScenarioResponse:
        """Read one scenario. Raises NotFound."""
        request = to_request(
            GetScenarioRequest,
            catalog=self._catalog(catalog),
            name=name,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.scenario.GetScenario, request, GetScenarioResponse, timeout)

    def list_scenarios(
        self,
        *,
        page_size: int = 0,
        page_token: str = "",
        include_total: bool = False,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> ListScenariosResponse:
        """List one page of scenarios by name: `page_size` of them, at most 1,000; 0 means 100."""
        request = to_request(
            ListScenariosRequest,
            catalog=self._catalog(catalog),
            page_size=page_size,
            page_token=page_token,
            include_total=include_total,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.scenario.ListScenarios, request, ListScenariosResponse, timeout)

    def iter_scenarios(
        self,
        *,
        page_size: int = 0,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> Iterator[Scenario]:
        """Yield all scenarios by name; `timeout` holds for each page."""
        for page in pages(
            self.list_scenarios, page_size=page_size, catalog=catalog, min_revision=min_revision, timeout=timeout
        ):
            yield from page.scenarios

    def delete_scenario(
        self, name: str, *, catalog: str | None = None, timeout: float | None = None
    ) -> DeleteScenarioResponse:
        """Delete a scenario; one that does not exist is answered with `deleted` False."""
        request = to_request(DeleteScenarioRequest, catalog=self._catalog(catalog), name=name)
        return self._call(self.stubs.scenario.DeleteScenario, request, DeleteScenarioResponse, timeout)
