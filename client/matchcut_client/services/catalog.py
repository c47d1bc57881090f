"""Methods of CatalogService."""

from collections.abc import Iterator

from matchcut.v1.catalog_service_pb2 import (
    CreateCatalogRequest,
    DeleteCatalogRequest,
    GetCatalogRequest,
    ListCatalogsRequest,
    UpdateCatalogRequest,
)
from matchcut_client.catalogs import (
    Catalog,
    CatalogSettings,
    CreateCatalogResponse,
    DeleteCatalogResponse,
    GetCatalogResponse,
    ListCatalogsResponse,
    UpdateCatalogResponse,
)
from matchcut_client.conversion import to_request
from matchcut_client.paging import pages
from matchcut_client.services.base import ServiceMethods


class CatalogMethods(ServiceMethods):
    """Catalogs: one for each tenant."""

    def create_catalog(
        self, name: str, settings: CatalogSettings | None = None, *, timeout: float | None = None
    ) -> CreateCatalogResponse:
        """Create a catalog. Creating it again with the same settings changes nothing.

        Raises AlreadyExists if it exists with other settings.
        """
        request = to_request(CreateCatalogRequest, name=name, settings=settings)
        answer = self._call(self.stubs.catalog.CreateCatalog, request, CreateCatalogResponse, timeout)
        self._connection.saw(answer.catalog.revision)
        return answer

    def update_catalog(
        self, settings: CatalogSettings, *, name: str | None = None, timeout: float | None = None
    ) -> UpdateCatalogResponse:
        """Replace the settings of a catalog whole: what is left out gets its default.

        All its videos are weighted anew before the answer, so `timeout` is by default that of imports. `name` is by
        default the client's catalog.
        """
        request = to_request(UpdateCatalogRequest, name=self._catalog(name), settings=settings)
        return self._long_call(self.stubs.catalog.UpdateCatalog, request, UpdateCatalogResponse, timeout)

    def get_catalog(
        self, name: str | None = None, *, min_revision: int | None = None, timeout: float | None = None
    ) -> GetCatalogResponse:
        """Read a catalog, by default the client's, with its settings and statistics. Raises NotFound."""
        request = to_request(GetCatalogRequest, name=self._catalog(name), min_revision=self._min_revision(min_revision))
        return self._call(self.stubs.catalog.GetCatalog, request, GetCatalogResponse, timeout)

    def list_catalogs(
        self,
        *,
        page_size: int = 0,
        page_token: str = "",
        include_total: bool = False,
        timeout: float | None = None,
    ) -> ListCatalogsResponse:
        """List one page of catalogs by name: `page_size` of them, at most 1,000; 0 means 100."""
        request = to_request(
            ListCatalogsRequest, page_size=page_size, page_token=page_token, include_total=include_total
        )
        return self._call(self.stubs.catalog.ListCatalogs, request, ListCatalogsResponse, timeout)

    def iter_catalogs(self, *, page_size: int = 0, timeout: float | None = None) -> Iterator[Catalog]:
        """Yield all catalogs by name; `timeout` holds for each page."""
        for page in pages(self.list_catalogs, page_size=page_size, timeout=timeout):
            yield from page.catalogs

    def delete_catalog(self, name: str, *, timeout: float | None = None) -> DeleteCatalogResponse:
        """Delete a catalog with all it holds. Raises FailedPrecondition for the catalog `default`."""
        request = to_request(DeleteCatalogRequest, name=name)
        return self._long_call(self.stubs.catalog.DeleteCatalog, request, DeleteCatalogResponse, timeout)
