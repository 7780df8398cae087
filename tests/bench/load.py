"""Load from processes of their own, so that measuring does not slow what is measured more than it must."""

import http.client
import json
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run gave."""

    per_second: float
    median_ms: float
    p95_ms: float
    errors: int

    @classmethod
    def of(cls, times: list[float], seconds: float, errors: int = 0) -> "Measured":
        ordered = sorted(times) or [0.0]
        middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        return cls(len(times) / seconds, middle * 1000, late * 1000, errors)


def together(work: Callable[..., Any], jobs: list[tuple[Any, ...]]) -> list[Any]:
    """Run `work` once for every tuple of arguments, each in a process, all starting at the same moment."""
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(len(jobs)), context.SimpleQueue()
    started = [context.Process(target=_run, args=(work, job, barrier, queue)) for job in jobs]
    for process in started:
        process.start()
    results = [queue.get() for _ in started]
    for process in started:
        process.join()
    return results


def complete_over_http(port: int, token: str, task_id: str, seconds: float) -> tuple[list[float], int]:
    """Complete one task after the other over one kept connection; times in seconds, and how many calls failed."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"values": {"note": "已到现场看过,情况属实", "again": True}})
    times: list[float] = []
    errors = 0
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        connection.request("POST", f"/api/v1/tasks/{task_id}/completion", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            errors += 1
            print(answer.status, content.decode())
            break
        task_id = json.loads(content)["tasks"][0]["id"]
        times.append(time.perf_counter() - began)
    return times, errors


def _run(work: Callable[..., Any], job: tuple[Any, ...], barrier: Any, queue: Any) -> None:
    barrier.wait()
    queue.put(work(*job))
