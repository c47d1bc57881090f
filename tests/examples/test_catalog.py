"""The example catalog is what its generator makes, and shows both uses."""

from pathlib import Path

from examples.generate import documents

CATALOG = Path(__file__).parents[2] / "examples" / "catalog"


def test_the_generator_makes_the_committed_catalog_byte_for_byte() -> None:
    made = dict(documents())

    assert {path.name: path.read_bytes() for path in CATALOG.glob("*.json")} == made
    assert len(made) >= 60
