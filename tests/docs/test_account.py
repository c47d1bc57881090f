"""The upload that the page about accounts shows is one that Video Indexer takes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.azure_stand_in.control import stand_in
from tests.docs.account import PAGE

SCRIPT = re.compile(r"^(    printf 'Authorization(?:.*\n)+?.*/Videos\"\n)", re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_an_upload_brings_its_callback_url_and_no_secret_stands_in_its_arguments(tmp_path: Path) -> None:
    [script] = SCRIPT.findall(PAGE.read_text(encoding="utf-8"))
    with stand_in() as azure:
        token = azure.token("Contributor")
        (tmp_path / "token").write_text(f"{token}\n", encoding="ascii")
        (tmp_path / "secret").write_text("f00d\n", encoding="ascii")
        subprocess.run(
            ["bash", "-euxc", script.replace("https://api.videoindexer.ai", azure.url)],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "MATCHCUT_AZURE_LOCATION": azure.location,
                "MATCHCUT_AZURE_ACCOUNT_ID": azure.account_id,
            },
            capture_output=True,
            timeout=30,
            check=True,
        )
        [upload] = azure.requests
        assert (upload.kind, upload.status) == ("upload", 200)
        assert upload.query["name"] == "A day at the lake"
        assert upload.query["callbackUrl"] == "https://hooks.example.org/callback?secret=f00d"
        [curl] = re.findall(r"^    curl (?:.*\\\n)*.*$", script, re.MULTILINE)
        assert "$(cat" not in curl
