"""How often keywords occur, when, and with which others."""

import grpc

from matchcut.v1 import search_service_pb2 as pb

from ..errors import NotImplementedYet
from .asking import Asking


class StatisticsMethods(Asking):
    """See `search_service.proto`."""

    def GetKeywordStats(
        self, request: pb.GetKeywordStatsRequest, context: grpc.ServicerContext
    ) -> pb.GetKeywordStatsResponse:
        """See `GetKeywordStats` in the contract."""
        raise NotImplementedYet("GetKeywordStats is in the contract, but this version does not serve it yet")

    def GetKeywordTrend(
        self, request: pb.GetKeywordTrendRequest, context: grpc.ServicerContext
    ) -> pb.GetKeywordTrendResponse:
        """See `GetKeywordTrend` in the contract."""
        raise NotImplementedYet("GetKeywordTrend is in the contract, but this version does not serve it yet")

    def ListRelatedKeywords(
        self, request: pb.ListRelatedKeywordsRequest, context: grpc.ServicerContext
    ) -> pb.ListRelatedKeywordsResponse:
        """See `ListRelatedKeywords` in the contract."""
        raise NotImplementedYet("ListRelatedKeywords is in the contract, but this version does not serve it yet")
