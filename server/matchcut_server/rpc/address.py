"""The address of a server: reserved by one process, for several that listen on it, and for nobody else."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_NOT_HERE = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class AddressInUse(Exception):
    """The server cannot listen where it should."""

    def __init__(self, listen: str) -> None:
        super().__init__(f"cannot listen on {listen}: the port is taken, or the address is not of this machine")


@contextmanager
def reserved(listen: str) -> Iterator[str]:
    """Reserve `HOST:PORT` while the block runs, for processes that listen with SO_REUSEPORT; yield it with its port.

    Port 0 takes a free one. What reserves it does not listen, so connections pass it by. Raises `AddressInUse`.
    """
    host, _, port = listen.rpartition(":")
    chosen, bound = int(port), False
    with ExitStack() as sockets:
        try:
            found = socket.getaddrinfo(host.strip("[]"), chosen, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise AddressInUse(listen) from error
        for family, _, _, _, address in found:
            try:
                one = sockets.enter_context(socket.socket(family, socket.SOCK_STREAM))
                _bind(one, (address[0], chosen, *address[2:]))
            except OSError as error:
                # A name may stand for several addresses, and this machine need not have them all.
                if error.errno not in _NOT_HERE:
                    raise AddressInUse(listen) from error
            else:
                chosen, bound = one.getsockname()[1], True
        if not bound:
            raise AddressInUse(listen)
        yield f"{host}:{chosen}"


def _bind(one: socket.socket, address: tuple[str | int, ...]) -> None:
    """Bind a socket where nobody else is bound; after that, others of this user may bind who share the port as well."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of an earlier server are no obstacle
    one.bind(address)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
