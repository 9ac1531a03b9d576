"""Runs the web server and the worker side by side, sends the sweep each minute, and stops all together.

    python -m config.standalone.supervisor --port 8000

For what runs on one machine without servers (`make run`, `retour serve`); with PostgreSQL and Redis, each process is a
service of its own.

Three promises, each held by one thing:
- Ctrl-C or SIGTERM stops all: every program leads its own process group, which gets TERM and, after a grace time, KILL.
- No orphan, even when the supervisor is killed with SIGKILL: a *guard* process reads a pipe that the supervisor holds
  open. The system closes it when the supervisor dies, in whatever way, and the guard then stops what is left.
- Never two on the same data: both hold a lock on `supervisor.lock`, so it is free only when all programs are gone.
"""

import argparse
import contextlib
import logging
import logging.config
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.environment import BASE_DIR, SUPERVISOR_LOCK
from config.standalone.guard import send
from core.run_lock import take_lock

log = logging.getLogger("retour.supervisor")

GUARD = Path(__file__).with_name("guard.py")
GRACE_SECONDS = 10.0  # the worker finishes short tasks; what it cannot finish stays due in the database
POLL_SECONDS = 0.2
STEADY_SECONDS = 30.0  # a program that ran this long and dies is started again at once
SHORTEST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the web server and the worker together, and send the sweep.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--parent", type=int, help="stop when this process, which started us, is gone")
    options = parser.parse_args()
    # Here, because who supervises other programs needs no settings.
    from config import settings
    from config.standalone.scheduler import SWEEP_SECONDS, SweepScheduler

    logging.config.dictConfig(settings.LOGGING)
    commands = programs(options.host, options.port, log_level=settings.SERVER_LOG_LEVEL)
    with take_lock(SUPERVISOR_LOCK, address=address_of(options.host, options.port)) as lock:
        # The start has asked for a sweep already (operations/jobs.py).
        scheduler = SweepScheduler(due_at=time.monotonic() + SWEEP_SECONDS)
        supervise(commands, lock=lock, parent=options.parent, meanwhile=scheduler.tick)


def programs(host: str, port: int, *, log_level: str) -> dict[str, list[str]]:
    """Return the command of each program by its name."""
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"),
            *("--bind", f"{bracketed(host)}:{port}", "--no-control-socket", "--log-level", log_level),
            *("--workers", "1", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "75"),
        ],
        "worker": [
            *(sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", "--loglevel", log_level),
            *("--pool", "threads", "--concurrency", "2"),
            # These three talk to other workers; there are none, and the filesystem broker has no way to carry it.
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
    }


def address_of(host: str, port: int) -> str:
    return f"http://{bracketed(host)}:{port}"


def bracketed(host: str) -> str:
    """An address of IPv6 stands in brackets before a port."""
    return f"[{host}]" if ":" in host else host


# -- all of them ------------------------------------------------------------------------------------------------------


def supervise(
    commands: Mapping[str, list[str]],
    *,
    lock: IO[str],
    parent: int | None = None,
    meanwhile: Callable[[float], None] = lambda now: None,
) -> None:
    """Keep the programs running until a signal asks to stop, or the parent process is gone.

    `meanwhile` is called several times a second with the monotonic clock.
    """
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means to ignore this one
            signal.signal(number, lambda received, _frame: stopping.append(received))
    with started_guard(lock) as guard_pipe:
        tended = [Program(name, command, guard_pipe) for name, command in commands.items()]
        while not stopping and parent in (None, os.getppid()):
            for program in tended:
                program.tend(now=time.monotonic())
            meanwhile(time.monotonic())
            time.sleep(POLL_SECONDS)
        log.info("Stopping.")
        lock.truncate(0)  # who wants to start now may wait for us
        stop(tended)


def stop(tended: Iterable["Program"]) -> None:
    """Ask every running program to stop, and end those that have not within the grace time."""
    running = [(program, program.process) for program in tended if program.process]
    send(signal.SIGTERM, [process.pid for _, process in running])
    deadline = time.monotonic() + GRACE_SECONDS
    for program, process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        program.forget(process)


# -- one program ------------------------------------------------------------------------------------------------------


@dataclass
class Program:
    """One program, started again when it dies, after a pause that doubles while it keeps dying."""

    name: str
    command: list[str]
    guard_pipe: int
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # seconds of the monotonic clock, as below
    start_due_at: float = 0.0
    pause_seconds: float = SHORTEST_PAUSE_SECONDS

    def tend(self, *, now: float) -> None:
        """Start the program when that is due, and notice when it has died."""
        if self.process is None and now >= self.start_due_at:
            self.start(now=now)
        elif self.process and self.process.poll() is not None:
            self.note_death(self.process, now=now)

    def start(self, *, now: float) -> None:
        self.process = subprocess.Popen(
            self.command, cwd=BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=self.introduce
        )
        self.started_at = now

    def introduce(self) -> None:
        """Tell the guard of this process before it becomes the program: killed at any moment, we leave none unknown."""
        tell_guard(self.guard_pipe, f"+{os.getpid()}")

    def note_death(self, process: subprocess.Popen[bytes], *, now: float) -> None:
        was_steady = now - self.started_at >= STEADY_SECONDS
        self.pause_seconds = (
            SHORTEST_PAUSE_SECONDS if was_steady else min(self.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        )
        self.start_due_at = now + self.pause_seconds
        log.warning("%s ended with %d; starting it again in %g s.", self.name, process.returncode, self.pause_seconds)
        self.forget(process)

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """End whatever is left of the program's group, and tell the guard that it is gone."""
        send(signal.SIGKILL, [process.pid])
        process.wait()
        tell_guard(self.guard_pipe, f"-{process.pid}")
        self.process = None


# -- the guard --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def started_guard(lock: IO[str]) -> Iterator[int]:
    """Start the guard, and give the end of the pipe on which `tell_guard` writes."""
    reading, writing = os.pipe()
    # `-P` keeps the folder of that file off the path.
    command = [sys.executable, "-P", str(GUARD), str(GRACE_SECONDS)]
    process = subprocess.Popen(command, stdin=reading, start_new_session=True, pass_fds=[lock.fileno()])
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)
        process.wait()


def tell_guard(pipe: int, line: str) -> None:
    """Write `+GROUP` for a process group that started, `-GROUP` for one that is gone."""
    with contextlib.suppress(BrokenPipeError):  # somebody killed the guard; the programs are still tended
        os.write(pipe, f"{line}\n".encode())


# -- before anything starts -------------------------------------------------------------------------------------------


def port_problem(host: str, port: int, *, again: str) -> str | None:
    """Return the sentence that says why the web server cannot listen there, or None when it can.

    `again` shows how to start with another port.
    """
    if not 0 < port < 65536:
        return f"{port} is not a port. Choose one between 1024 and 65535: {again}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except socket.gaierror:
            return f"{host} is no address of this machine. Set HOST to one, for instance 127.0.0.1 or 0.0.0.0."
        except OSError as error:
            why = error.strerror or str(error)
            return f"Port {port} cannot be used ({why.lower()}). Choose another one: {again}"
    return None


if __name__ == "__main__":
    main()
