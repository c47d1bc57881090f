"""The gRPC services: translate a request, call, translate the answer."""
