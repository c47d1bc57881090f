import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from matchcut_server.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MATCHCUT_{name.upper()}", raising=False)


def write(folder: Path, text: str) -> Path:
    config = folder / "matchcut.toml"
    config.write_text(text, encoding="utf-8")
    return config


def test_defaults_listen_on_this_machine_only() -> None:
    settings = load_settings(None, {})
    assert settings.listen == "127.0.0.1:50051"
    assert settings.max_request_bytes == 32 * 1024 * 1024
    assert settings.max_concurrent_rpcs >= settings.threads


def test_arguments_win_over_variables_and_these_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write(tmp_path, 'threads = 1\nmax_concurrent_rpcs = 11\nlog_level = "error"\ngrace_seconds = 1.5\n')
    monkeypatch.setenv("MATCHCUT_THREADS", "2")
    monkeypatch.setenv("MATCHCUT_MAX_CONCURRENT_RPCS", "22")
    monkeypatch.setenv("MATCHCUT_REFLECTION", "false")
    settings = load_settings(config, {"threads": "3"})
    assert (settings.threads, settings.max_concurrent_rpcs, settings.log_level) == (3, 22, "error")
    assert (settings.grace_seconds, settings.reflection) == (1.5, False)


def test_settings_of_any_source_can_be_sent_to_another_process(tmp_path: Path) -> None:
    config = write(tmp_path, "threads = 5\n")
    settings = load_settings(config, {"workers": "3"})
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert (settings.threads, settings.workers) == (5, 3)


def test_other_variables_with_the_prefix_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHCUT_SERVER", "127.0.0.1:1")
    assert load_settings(None, {}).listen == "127.0.0.1:50051"


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings(None, {}).threads = 5


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:50051", "0.0.0.0:65535", "localhost:1"])
def test_addresses(listen: str) -> None:
    assert load_settings(None, {"listen": listen}).listen == listen


@pytest.mark.parametrize(
    "name, value, says",
    [
        ("listen", "127.0.0.1", "HOST:PORT"),
        ("listen", ":50051", "HOST:PORT"),
        ("listen", "127.0.0.1:", "HOST:PORT"),
        ("listen", "127.0.0.1:-1", "HOST:PORT"),
        ("listen", "127.0.0.1:65536", "HOST:PORT"),
        ("listen", "127.0.0.1:http", "HOST:PORT"),
        ("threads", "0", "greater than or equal to 1"),
        ("threads", "many", "valid integer"),
        ("threads", "1.5", "valid integer"),
        ("workers", "-1", "greater than or equal to 0"),
        ("max_loaded_videos", "-1", "greater than or equal to 0"),
        ("max_concurrent_rpcs", "0", "greater than or equal to 1"),
        ("max_request_bytes", "1", "greater than or equal to 65536"),
        ("max_bytes_in_flight", "1e999", "valid integer"),
        ("leave_seconds", "-1", "greater than or equal to 0"),
        ("leave_seconds", "nan", "less than or equal to 60"),
        ("grace_seconds", "inf", "less than or equal to 3600"),
        ("reflection", "perhaps", "valid boolean"),
        ("log_level", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("log_format", "xml", "'json' or 'text'"),
    ],
)
@pytest.mark.parametrize("source", ["argument", "variable", "file"])
def test_what_is_wrong_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, name: str, value: str, says: str
) -> None:
    arguments: dict[str, Any] = {name: value} if source == "argument" else {}
    if source == "variable":
        monkeypatch.setenv(f"MATCHCUT_{name.upper()}", value)
    config = write(tmp_path, f'{name} = "{value}"\n') if source == "file" else None
    with pytest.raises(ValidationError) as refused:
        load_settings(config, arguments)
    (error,) = refused.value.errors()
    assert error["loc"] == (name,)
    assert says in error["msg"]


@pytest.mark.parametrize("source", ["argument", "file"])
def test_a_setting_that_does_not_exist_is_refused(tmp_path: Path, source: str) -> None:
    """A variable is not: with the prefix it may be anybody's."""
    arguments: dict[str, Any] = {"thread": "5"} if source == "argument" else {}
    config = write(tmp_path, "thread = 5\n") if source == "file" else None
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        load_settings(config, arguments)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml", {})


@pytest.mark.parametrize("content", [b"threads = ", b"threads: 5", b"\xff\xfe"], ids=["cut off", "YAML", "no text"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    config = tmp_path / "matchcut.toml"
    config.write_bytes(content)
    with pytest.raises(ValueError, match=r"matchcut\.toml"):
        load_settings(config, {})
