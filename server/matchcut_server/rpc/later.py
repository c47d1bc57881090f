"""Services of the contract that this version does not serve yet: every RPC says so."""

from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor

from matchcut.v1 import (
    search_service_pb2,
    search_service_pb2_grpc,
    targeting_service_pb2,
    targeting_service_pb2_grpc,
)

from ..errors import NotImplementedYet


def add_later_services(server: grpc.Server) -> list[ServiceDescriptor]:
    """Add the services; return their descriptors."""
    services = (
        (search_service_pb2, search_service_pb2_grpc, "SearchService"),
        (targeting_service_pb2, targeting_service_pb2_grpc, "TargetingService"),
    )
    descriptors = []
    for messages, stubs, name in services:
        descriptor: ServiceDescriptor = messages.DESCRIPTOR.services_by_name[name]
        methods = {method.name: _not_served(method.name) for method in descriptor.methods}
        servicer = type(name, (getattr(stubs, f"{name}Servicer"),), methods)()
        getattr(stubs, f"add_{name}Servicer_to_server")(servicer, server)
        descriptors.append(descriptor)
    return descriptors


def _not_served(name: str) -> Any:
    def answer(_self: object, _request: object, _context: grpc.ServicerContext) -> None:
        raise NotImplementedYet(f"{name} is in the contract, but this version does not serve it yet")

    return answer
