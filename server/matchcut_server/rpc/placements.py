"""Placements: moments in videos where promotions fit."""

import grpc

from matchcut.v1 import targeting_service_pb2 as pb

from ..errors import NotImplementedYet
from .asking import Asking


class PlacementMethods(Asking):
    """See `targeting_service.proto`."""

    def MatchPlacements(
        self, request: pb.MatchPlacementsRequest, context: grpc.ServicerContext
    ) -> pb.MatchPlacementsResponse:
        """See `MatchPlacements` in the contract."""
        raise NotImplementedYet("MatchPlacements is in the contract, but this version does not serve it yet")

    def MatchPromotions(
        self, request: pb.MatchPromotionsRequest, context: grpc.ServicerContext
    ) -> pb.MatchPromotionsResponse:
        """See `MatchPromotions` in the contract."""
        raise NotImplementedYet("MatchPromotions is in the contract, but this version does not serve it yet")
