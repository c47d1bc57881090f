"""Reflection holds no thread that calls need."""

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.rpc.service import serving


def test_open_streams_of_questions_do_not_keep_calls_waiting(tmp_path: Path) -> None:
    questions: queue.SimpleQueue[reflection_pb2.ServerReflectionRequest | None] = queue.SimpleQueue()

    def asked() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        while (question := questions.get()) is not None:
            yield question

    with serving(tmp_path, threads=1) as service:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(service.channel)
        questions.put(reflection_pb2.ServerReflectionRequest(list_services="*"))
        answers = stub.ServerReflectionInfo(asked(), timeout=30)
        assert "matchcut.v1.VideoService" in [one.name for one in next(answers).list_services_response.service]
        assert service.ids() == []  # while the stream is open
        questions.put(None)
        assert list(answers) == []
