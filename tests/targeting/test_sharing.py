"""Slots are given to promotions: what `test_placements` puts to the law, with very many of them."""

import random
import time

from matchcut_server.targeting.promotion import PlacementRules, Promotion
from matchcut_server.targeting.sharing import Sharing


def test_a_slot_is_compared_with_its_neighbours_alone() -> None:
    sharing = Sharing(PlacementRules(), [Promotion("p"), Promotion("q")])
    slots = [float(slot) for slot in range(30_000)]
    random.Random(7).shuffle(slots)
    before = time.thread_time()
    assert all(sharing.take(0, "v", slot) for slot in slots)
    assert not any(sharing.take(1, "v", slot) for slot in slots)
    assert time.thread_time() - before < 4  # seconds; a minute, if each were compared with each


def test_distances_count_on_both_sides() -> None:
    sharing = Sharing(PlacementRules(min_distance_seconds=10), [Promotion("p")])
    assert [sharing.take(0, "v", slot) for slot in (20.0, 40.0, 30.0, 31.0, 29.0, 50.0, 49.9, 10.1, 10.0)] == [
        *(True, True, True, False, False, True, False, False, True)
    ]
    assert sharing.take(0, "w", 31.0)
