"""What a store does with scenarios."""

from typing import Protocol

from .port import Scenario, WriteStatus


class ScenarioStore(Protocol):
    """The scenarios of all catalogs. Any number of threads may call it.

    Every write is durable when its call returns. It takes a revision of the store, which is not one of its catalog:
    an index that has heard of all up to it has nothing to apply. `timeout`: as in `Store.write_videos`. Raises
    `Unavailable` when the store cannot be read or written.
    """

    def scenario(self, catalog_id: int, name: str) -> Scenario | None:
        """Find a scenario by name."""

    def scenarios(self, catalog_id: int, after: str, limit: int) -> list[Scenario]:
        """List scenarios whose name is greater than `after`, by name."""

    def scenario_count(self, catalog_id: int) -> int:
        """Count the scenarios of a catalog."""

    def put(
        self, catalog_id: int, name: str, ranking: bytes, most: int, timeout: float | None = None
    ) -> tuple[Scenario, WriteStatus]:
        """Create a scenario or replace it whole; CREATED, UPDATED, or UNCHANGED if it is the same.

        Raises `InvalidInput` if the catalog would have more than `most`, and `NotFound` if it has been deleted.
        """

    def delete(self, catalog_id: int, name: str, timeout: float | None = None) -> bool:
        """Delete a scenario; False if there was none."""
