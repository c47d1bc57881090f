"""`CatalogService`."""

import grpc

from matchcut.v1 import catalog_service_pb2 as pb
from matchcut.v1.catalog_service_pb2_grpc import CatalogServiceServicer

from ..errors import AlreadyExists, FailedPrecondition, Reason, catalog_not_found
from ..index.follower import Follower
from ..insights.report import Report
from ..store.port import DEFAULT_CATALOG, Store
from . import fields, limits
from .answers import catalog_message, statistics_message
from .deadline import time_remaining, wait_seconds
from .profile_requests import read_profile_settings
from .requests import read_settings
from .token import PageTokens, request_digest


class CatalogServicer(CatalogServiceServicer):
    """See `catalog_service.proto`."""

    def __init__(self, store: Store, follower: Follower, tokens: PageTokens) -> None:
        self._store = store
        self._follower = follower
        self._tokens = tokens

    def CreateCatalog(
        self, request: pb.CreateCatalogRequest, context: grpc.ServicerContext
    ) -> pb.CreateCatalogResponse:
        """See `CreateCatalog` in the contract."""
        report = Report()
        _require_name(request.name, report)
        name = fields.catalog_name("name", request.name, report)
        settings = read_settings(request.settings, report)
        of_profiles = read_profile_settings(request.settings.profile_settings, report)
        report.raise_if_refused()
        catalog, created = self._store.create_catalog(name, settings, of_profiles)
        if not created and (catalog.settings, catalog.profile_settings) != (settings, of_profiles):
            message = f"catalog '{name}' exists with other settings; change them with UpdateCatalog"
            raise AlreadyExists(Reason.CATALOG_EXISTS, message, metadata={"catalog": name})
        return pb.CreateCatalogResponse(catalog=catalog_message(catalog), created=created)

    def UpdateCatalog(
        self, request: pb.UpdateCatalogRequest, context: grpc.ServicerContext
    ) -> pb.UpdateCatalogResponse:
        """See `UpdateCatalog` in the contract."""
        report = Report()
        name = fields.catalog_name("name", request.name, report)
        if not request.HasField("settings"):
            report.refuse("settings", "settings are required; they replace the old ones whole", Reason.REQUIRED)
        settings = read_settings(request.settings, report)
        of_profiles = read_profile_settings(request.settings.profile_settings, report)
        report.raise_if_refused()
        catalog = self._store.update_catalog(name, settings, of_profiles, time_remaining(context))
        if catalog is None:
            raise catalog_not_found(name)
        revision = self._store.revision()
        self._follower.follow(catalog, revision)
        return pb.UpdateCatalogResponse(catalog=catalog_message(catalog), revision=revision)

    def GetCatalog(self, request: pb.GetCatalogRequest, context: grpc.ServicerContext) -> pb.GetCatalogResponse:
        """See `GetCatalog` in the contract."""
        report = Report()
        name = fields.catalog_name("name", request.name, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        # Settings are those of the store: whoever has just changed them through another process asks to see them.
        catalog = self._store.catalog(name)
        if catalog is None:
            raise catalog_not_found(name)
        view = self._follower.view(catalog, min_revision, wait_seconds(context))
        statistics = statistics_message(view.statistics)
        statistics.profile_count = self._store.profiles.profile_count(catalog.catalog_id)
        statistics.event_count = self._store.profiles.event_count(catalog.catalog_id)
        statistics.scenario_count = self._store.scenarios.scenario_count(catalog.catalog_id)
        return pb.GetCatalogResponse(
            catalog=catalog_message(catalog), statistics=statistics, index_revision=view.revision
        )

    def ListCatalogs(self, request: pb.ListCatalogsRequest, context: grpc.ServicerContext) -> pb.ListCatalogsResponse:
        """See `ListCatalogs` in the contract."""
        report = Report()
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report)
        report.raise_if_refused()
        digest = request_digest("ListCatalogs", b"")
        after = self._tokens.open(digest, request.page_token).decode() if request.page_token else ""
        response = pb.ListCatalogsResponse(total_count=self._store.catalog_count() if request.include_total else None)
        found = self._store.catalogs(after, size + 1)
        budget = limits.MAX_ANSWER_BYTES
        for catalog in found[:size]:
            message = catalog_message(catalog)
            budget -= message.ByteSize()
            if budget < 0 and response.catalogs:
                break
            response.catalogs.append(message)
        if len(response.catalogs) < len(found):
            response.next_page_token = self._tokens.seal(digest, response.catalogs[-1].name.encode())
        return response

    def DeleteCatalog(
        self, request: pb.DeleteCatalogRequest, context: grpc.ServicerContext
    ) -> pb.DeleteCatalogResponse:
        """See `DeleteCatalog` in the contract."""
        report = Report()
        _require_name(request.name, report)
        name = fields.catalog_name("name", request.name, report)
        report.raise_if_refused()
        if name == DEFAULT_CATALOG:
            message = f"catalog '{DEFAULT_CATALOG}' always exists and cannot be deleted; delete its videos instead"
            raise FailedPrecondition(Reason.DEFAULT_CATALOG, message)
        catalog_id = self._store.delete_catalog(name, time_remaining(context))
        if catalog_id is not None:
            self._follower.forget(catalog_id)
        return pb.DeleteCatalogResponse(deleted=catalog_id is not None, revision=self._store.revision())


def _require_name(name: str, report: Report) -> None:
    if not name:
        report.refuse("name", "the name of a catalog is required", Reason.REQUIRED)
