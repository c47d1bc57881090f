"""Settings of the server: from the command line, `MATCHCUT_…` variables, or a file, in this order."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

MIB = 1024 * 1024


class Settings(BaseSettings):
    """Settings of `matchcut serve`; made once, never changed."""

    model_config = SettingsConfigDict(env_prefix="MATCHCUT_", frozen=True, extra="forbid")

    data: Path = Field(Path("matchcut-data"), description="folder that holds the data; made if it is not there")
    listen: str = Field("127.0.0.1:50051", description="HOST:PORT to listen on; port 0 takes a free one")
    workers: int = Field(
        0, ge=0, le=256, description="processes that answer calls; 0 makes one for each CPU core that may be used"
    )
    threads: int = Field(12, ge=1, le=256, description="calls that each worker works on at the same time")
    max_concurrent_rpcs: int = Field(
        64,
        ge=1,
        le=10_000,
        description="calls that each worker takes at the same time, waiting ones included; more are refused",
    )
    max_request_bytes: int = Field(
        32 * MIB, ge=64 * 1024, le=512 * MIB, description="size of a request; larger ones are refused"
    )
    max_bytes_in_flight: int = Field(
        256 * MIB,
        ge=MIB,
        description="bytes of all requests that each worker works on; more are refused for the moment",
    )
    max_loaded_videos: int = Field(
        100_000,
        ge=0,
        description="videos that each worker holds in memory indexes; beyond it the catalogs not used for longest are "
        "dropped, to be loaded again when they are",
    )
    leave_seconds: float = Field(
        0.5, ge=0, le=60, description="time to let health watchers send their calls elsewhere before stopping"
    )
    grace_seconds: float = Field(10.0, ge=0, le=3600, description="time to let running calls end when stopping")
    reflection: bool = Field(True, description="answer questions about the contract (gRPC reflection)")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
    log_format: Literal["json", "text"] = Field("json", description="one JSON object a line, or text for people")

    @field_validator("listen")
    @classmethod
    def _has_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            raise ValueError("give HOST:PORT, such as 127.0.0.1:50051 or [::1]:50051")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_cls.model_config.get("toml_file"))
        return init_settings, env_settings, file


def load_settings(config: Path | None, arguments: dict[str, object]) -> Settings:
    """Read settings; `arguments` win over the environment, which wins over the TOML file `config`.

    Raises `pydantic.ValidationError`; `OSError` if the file cannot be read, and `ValueError` if it is not TOML.
    """
    if config is None:
        return Settings(**arguments)  # type: ignore[arg-type]  # checked by pydantic
    if not config.is_file():
        raise FileNotFoundError(f"there is no file {config}")

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=config)

    try:
        read = FromFile(**arguments)  # type: ignore[arg-type]  # checked by pydantic
        return Settings(**read.model_dump())  # which other processes know how to read
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{config} is not a TOML file: {error}") from error
