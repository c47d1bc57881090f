"""Generates the package `matchcut` (messages, stubs and their types) from the contract when the client is built."""

from __future__ import annotations

import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from grpc_tools import protoc
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GenerateStubs(BuildHookInterface):
    """Writes `gen/matchcut/` before every wheel, and so before every editable install too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generate into a folder of its own first, so that a broken contract leaves the last good stubs in place."""
        root = Path(self.root)
        gen = root / "gen"
        gen.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=gen) as temporary:
            generate(find_contract(root), Path(temporary))
            shutil.rmtree(gen / "matchcut", ignore_errors=True)
            (Path(temporary) / "matchcut").rename(gen / "matchcut")


def find_contract(root: Path) -> Path:
    """Return the folder the contract's imports start from: inside a source distribution, beside us in a checkout."""
    for protos in (root / "protos", root.parent / "protos"):
        if (protos / "matchcut").is_dir():
            return protos
    message = f"no protos/matchcut in {root} or beside it"
    raise FileNotFoundError(message)


def generate(protos: Path, out: Path) -> None:
    """Write the package `matchcut` for every file of the contract in `protos` to `out`."""
    files = sorted(protos.glob("matchcut/**/*.proto"))
    # Only these hold services; the gRPC plugin would write an empty module for each of the others.
    services = [file for file in files if file.stem.endswith("_service")]
    run_protoc(protos, files, f"--python_out={out}", f"--mypy_out=quiet:{out}")
    run_protoc(protos, services, f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}")
    for folder in (out / "matchcut", *{(out / file.relative_to(protos)).parent for file in files}):
        (folder / "__init__.py").touch()
    (out / "matchcut" / "py.typed").touch()


def run_protoc(protos: Path, files: list[Path], *outputs: str) -> None:
    """Run the protocol compiler of grpcio-tools, which has printed why when this raises."""
    if not files:
        message = f"no contract to generate from in {protos}"
        raise FileNotFoundError(message)
    well_known = resources.files("grpc_tools") / "_proto"
    command = ["protoc", f"--proto_path={protos}", f"--proto_path={well_known}", *outputs, *map(str, files)]
    if protoc.main(command) != 0:
        message = f"protoc failed: {' '.join(command)}"
        raise RuntimeError(message)
