"""`SearchService`."""

from matchcut.v1.search_service_pb2_grpc import SearchServiceServicer

from .moments import MomentMethods
from .statistics import StatisticsMethods


class SearchServicer(MomentMethods, StatisticsMethods, SearchServiceServicer):
    """See `search_service.proto`."""
