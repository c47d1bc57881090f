import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.azure.limiter import RATES, Limiter
from tests.azure.fakes import FakeClock

ARRIVALS = st.lists(st.tuples(st.sampled_from([0.0, 0.05, 0.4, 1.0, 7.0, 61.0]), st.integers(1, 25)), max_size=12)
"""How long nobody comes, and how many then come at once."""


async def passed(limiter: Limiter, clock: FakeClock, arrivals: list[tuple[float, int]]) -> list[float]:
    """Let callers come, and return when they got through."""
    moments = []

    async def come() -> None:
        await limiter.acquire()
        moments.append(clock.now())

    for gap, count in arrivals:
        clock.time += gap
        await asyncio.gather(*(come() for _ in range(count)))
    return moments


@given(ARRIVALS, st.integers(1, 10), st.integers(1, 40))
@settings(max_examples=60)
def test_no_window_of_any_rate_ever_holds_more_than_its_limit(
    arrivals: list[tuple[float, int]], per_second: int, per_minute: int
) -> None:
    rates = {1.0: per_second, 60.0: per_minute}
    clock = FakeClock()
    moments = asyncio.run(passed(Limiter(rates, clock), clock, arrivals))
    assert len(moments) == sum(count for _, count in arrivals)
    assert moments == sorted(moments)
    for seconds, limit in rates.items():
        # A window that starts with one request and holds `limit` more would be too full, its end included.
        assert all(later - first > seconds for first, later in zip(moments, moments[limit:], strict=False))


@given(ARRIVALS)
@settings(max_examples=40)
def test_nobody_waits_longer_than_the_limits_ask(arrivals: list[tuple[float, int]]) -> None:
    clock = FakeClock()
    limiter = Limiter({1.0: 3, 60.0: 20}, clock)
    moments = asyncio.run(passed(limiter, clock, arrivals))
    clock = FakeClock()
    expected: list[float] = []
    for gap, count in arrivals:
        clock.time += gap
        for _ in range(count):
            earliest = [clock.time]
            earliest += [expected[-limit] + seconds for seconds, limit in ((1, 3), (60, 20)) if len(expected) >= limit]
            clock.time = max(earliest)
            expected.append(clock.time)
    assert all(0 <= got - want < 0.01 * len(moments) for got, want in zip(moments, expected, strict=True))


def test_the_usual_limits_are_those_of_video_indexer() -> None:
    clock = FakeClock()
    moments = asyncio.run(passed(Limiter(RATES, clock), clock, [(0, 240)]))
    assert moments[9] - moments[0] == 0
    assert moments[10] - moments[0] == pytest.approx(1, abs=0.01)
    assert moments[119] - moments[0] == pytest.approx(11, abs=0.1)
    assert moments[120] - moments[0] == pytest.approx(60, abs=0.1)


def test_a_pause_holds_all_callers_even_those_who_wait_already() -> None:
    clock = FakeClock()
    limiter = Limiter({1.0: 1}, clock)

    async def run() -> list[float]:
        await limiter.acquire()
        waiting = asyncio.create_task(passed(limiter, clock, [(0, 3)]))
        await asyncio.sleep(0)
        limiter.pause(17.0)
        limiter.pause(2.0)  # which is over sooner
        return await waiting

    began = clock.now()
    assert all(moment - began >= 17.0 for moment in asyncio.run(run()))


def test_callers_pass_in_the_order_they_came() -> None:
    clock = FakeClock()
    limiter = Limiter({1.0: 2}, clock)
    order: list[int] = []

    async def come(number: int) -> None:
        await limiter.acquire()
        order.append(number)

    async def run() -> None:
        await asyncio.gather(*map(come, range(9)))

    asyncio.run(run())
    assert order == list(range(9))


@pytest.mark.parametrize("rates", [{}, {0.0: 1}, {1.0: 0}])
def test_a_limit_of_nothing_is_refused(rates: dict[float, int]) -> None:
    with pytest.raises(ValueError, match="1 request or more"):
        Limiter(rates)
