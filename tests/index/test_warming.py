from matchcut_server.index import kernels
from matchcut_server.index.warming import warm


def test_a_search_after_warming_waits_for_no_compiler() -> None:
    warm()

    assert kernels.live.signatures  # type: ignore[attr-defined]  # numba's
