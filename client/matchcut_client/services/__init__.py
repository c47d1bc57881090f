"""The methods of the client, one module a service."""
