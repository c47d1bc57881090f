"""A reserved address: for processes that share it, and nobody else."""

import socket

import pytest

from matchcut_server.rpc.address import AddressInUse, reserved


def listening(address: str) -> socket.socket:
    """Listen as a worker does."""
    host, _, port = address.rpartition(":")
    worker = socket.socket(socket.AF_INET6 if host.startswith("[") else socket.AF_INET)
    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    worker.bind((host.strip("[]"), int(port)))
    worker.listen()
    return worker


def connected(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def test_port_0_becomes_a_free_one_that_several_listen_on() -> None:
    with reserved("127.0.0.1:0") as address:
        assert address.startswith("127.0.0.1:")
        assert not address.endswith(":0")
        with listening(address), listening(address):
            pass


def test_what_reserves_an_address_takes_no_connections() -> None:
    with reserved("127.0.0.1:0") as address:
        with pytest.raises(ConnectionRefusedError):
            connected(address)
        with listening(address) as worker:
            worker.settimeout(10)
            for _ in range(50):
                with connected(address):
                    worker.accept()[0].close()


def test_an_address_is_reserved_once() -> None:
    with reserved("127.0.0.1:0") as address:
        with pytest.raises(AddressInUse, match=f"cannot listen on {address}: the port is taken"), reserved(address):
            pass
        with listening(address), pytest.raises(AddressInUse), reserved(address):
            pass
    with reserved(address) as again:
        assert again == address


def test_a_server_of_somebody_else_is_not_joined_even_if_it_would_share() -> None:
    with listening("127.0.0.1:0") as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(AddressInUse), reserved(address):
            pass


def test_connections_of_an_earlier_server_are_no_obstacle() -> None:
    with reserved("127.0.0.1:0") as address, listening(address) as worker:
        worker.settimeout(10)
        with connected(address) as client:
            worker.accept()[0].close()  # the server ends it first, so the system keeps it in mind
            assert client.recv(1) == b""
    with reserved(address) as again:
        assert again == address


@pytest.mark.parametrize("listen", ["192.0.2.1:0", "no-such-host.invalid:0"])
def test_an_address_of_another_machine_is_refused(listen: str) -> None:
    with pytest.raises(AddressInUse, match=f"cannot listen on {listen}"), reserved(listen):
        pass


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])
def test_a_host_may_be_a_name_or_all_addresses(host: str) -> None:
    with reserved(f"{host}:0") as address:
        assert address.startswith(f"{host}:")
        assert int(address.rpartition(":")[2]) > 0


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_an_address_of_ipv6_keeps_its_brackets() -> None:
    try:
        with reserved("[::1]:0") as address, listening(address):
            assert address.startswith("[::1]:")
    except AddressInUse:
        pytest.skip("this machine has no IPv6")
