"""Children of every kind, and a program that supervises some of them."""

import json
import os
import sys
import threading
import time

import structlog

from matchcut_server.supervisor import CannotStart, Child, Role, supervise


def works(child: Child) -> None:
    """Do as one should."""
    child.ready()
    child.stopping.wait()


def dies(child: Child) -> None:
    """Give up as soon as it is ready."""
    child.ready()
    sys.exit(7)


def does_not_stop(child: Child) -> None:
    """Go on, whatever the parent says."""
    child.ready()
    while True:
        time.sleep(60)


def need_not_finish(child: Child) -> None:
    """Do what takes long and may be left undone."""
    child.ready(finishes=False)
    while True:
        time.sleep(60)


def never_ready(child: Child) -> None:
    """Take long to start."""
    print("starting", flush=True)
    child.stopping.wait()


def refuses(child: Child) -> None:
    """Have a reason not to start."""
    raise CannotStart("the disk is made of cheese")


def breaks(child: Child) -> None:
    """Have a fault."""
    raise KeyError("nobody expects this")


def refuses_and_stays(child: Child) -> None:
    """Have a reason not to start, and a thread that does not end."""
    threading.Thread(target=time.sleep, args=[3600]).start()
    raise CannotStart("the disk is made of cheese")


def tells_its_priority(child: Child) -> None:
    """Say how nice it is, as the reason why it does not start."""
    raise CannotStart(f"niceness {os.getpriority(os.PRIO_PROCESS, 0)}")


ROLES = {
    role.name: role
    for role in (
        Role("pair", works, count=2),
        Role("dying", dies),
        Role("dying late", dies, steady_seconds=0.0),
        Role("dying slowly", dies, max_delay_seconds=0.75),
        Role("stubborn", does_not_stop),
        Role("careless", need_not_finish),
        Role("slow", never_ready),
        Role("refusing", refuses),
        Role("hanging", refuses_and_stays),
        Role("broken", breaks),
        Role("idle", tells_its_priority, nice=7),
        Role("optional", refuses, awaited=False),
    )
}


def main(*names: str, stop_seconds: float = 30.0, python: str = sys.executable) -> None:
    """Supervise some of the roles; print the process ids once they serve, and why if they cannot."""
    sys.executable = python
    structlog.configure([structlog.processors.JSONRenderer()], logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    try:
        supervise(
            [ROLES[name] for name in names],
            serving=lambda children: print(json.dumps(children), flush=True),
            stop_seconds=stop_seconds,
        )
    except CannotStart as error:
        sys.exit(f"cannot start: {error}")
