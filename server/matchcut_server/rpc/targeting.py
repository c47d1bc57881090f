"""`TargetingService`."""

from matchcut.v1.targeting_service_pb2_grpc import TargetingServiceServicer

from .audiences import AudienceMethods
from .placements import PlacementMethods
from .standing import StandingMethods


class TargetingServicer(AudienceMethods, PlacementMethods, StandingMethods, TargetingServiceServicer):
    """See `targeting_service.proto`."""
