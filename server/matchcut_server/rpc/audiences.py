"""Audiences: the users that promotions suit."""

import grpc

from matchcut.v1 import targeting_service_pb2 as pb

from ..errors import NotImplementedYet
from .asking import Asking


class AudienceMethods(Asking):
    """See `targeting_service.proto`."""

    def MatchAudience(
        self, request: pb.MatchAudienceRequest, context: grpc.ServicerContext
    ) -> pb.MatchAudienceResponse:
        """See `MatchAudience` in the contract."""
        raise NotImplementedYet("MatchAudience is in the contract, but this version does not serve it yet")
