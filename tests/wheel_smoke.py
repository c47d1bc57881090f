"""Tries the installed distributions as a user would: serve, import, recommend, stop.

Run by CI with an interpreter that has only the built wheels; not collected by pytest.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from matchcut_client import Interest, MatchcutClient, VideoIndex, WriteStatus

MATCHCUT = str(Path(sys.executable).with_name("matchcut"))


def document(video_id: str, *keywords: str) -> bytes:
    found = [
        {"id": i, "text": text, "confidence": 0.9, "instances": [{"start": "0:00:01", "end": "0:00:09.5"}]}
        for i, text in enumerate(keywords, start=1)
    ]
    insights = {"duration": "0:01:00", "language": "en-US", "keywords": found}
    return json.dumps({"id": video_id, "videos": [{"id": video_id, "insights": insights}]}).encode()


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        command = [MATCHCUT, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "warning"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            with MatchcutClient(address) as client:
                documents = [document("festival", "film festival", "england"), document("match", "football", "england")]
                written = client.import_video_indexes([VideoIndex(content=content) for content in documents])
                assert [result.status for result in written.results] == [WriteStatus.CREATED] * 2, written
                answer = client.recommend_videos([Interest("film festivals")], explain=True)
                assert [one.video_id for one in answer.recommendations] == ["festival"], answer
            shown = subprocess.run(
                [MATCHCUT, "show", "festival", "--server", address], check=True, capture_output=True, text=True
            )
            assert "film festival" in shown.stdout, shown.stdout
        finally:
            server.terminate()
            code = server.wait(30)
    assert code == 0, f"the server ended with {code}"
    print("the wheels serve, import, recommend and stop")


if __name__ == "__main__":
    main()
