"""Moments: where keywords are on screen."""

import grpc

from matchcut.v1 import search_service_pb2 as pb

from ..errors import NotImplementedYet
from .asking import Asking


class MomentMethods(Asking):
    """See `search_service.proto`."""

    def SearchMoments(
        self, request: pb.SearchMomentsRequest, context: grpc.ServicerContext
    ) -> pb.SearchMomentsResponse:
        """See `SearchMoments` in the contract."""
        raise NotImplementedYet("SearchMoments is in the contract, but this version does not serve it yet")
