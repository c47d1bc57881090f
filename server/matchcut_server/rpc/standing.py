"""Standing interests, and what newly matches them."""

import grpc

from matchcut.v1 import targeting_service_pb2 as pb

from ..errors import NotImplementedYet
from .asking import Asking


class StandingMethods(Asking):
    """See `targeting_service.proto`."""

    def UpsertStandingInterests(
        self, request: pb.UpsertStandingInterestsRequest, context: grpc.ServicerContext
    ) -> pb.UpsertStandingInterestsResponse:
        """See `UpsertStandingInterests` in the contract."""
        raise NotImplementedYet("UpsertStandingInterests is in the contract, but this version does not serve it yet")

    def ListStandingInterests(
        self, request: pb.ListStandingInterestsRequest, context: grpc.ServicerContext
    ) -> pb.ListStandingInterestsResponse:
        """See `ListStandingInterests` in the contract."""
        raise NotImplementedYet("ListStandingInterests is in the contract, but this version does not serve it yet")

    def DeleteStandingInterests(
        self, request: pb.DeleteStandingInterestsRequest, context: grpc.ServicerContext
    ) -> pb.DeleteStandingInterestsResponse:
        """See `DeleteStandingInterests` in the contract."""
        raise NotImplementedYet("DeleteStandingInterests is in the contract, but this version does not serve it yet")

    def ListMatches(self, request: pb.ListMatchesRequest, context: grpc.ServicerContext) -> pb.ListMatchesResponse:
        """See `ListMatches` in the contract."""
        raise NotImplementedYet("ListMatches is in the contract, but this version does not serve it yet")
