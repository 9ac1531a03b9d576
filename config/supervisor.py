"""Runs the web server, the worker and the scheduler side by side, and stops them together.

    python -m config.supervisor --port 8000

For the embedded way of running (`make run`); with containers, each process is a service of its own.

Three promises, each held by one thing:
- Ctrl-C or SIGTERM stops all: every program leads its own process group, which gets TERM and, after a grace time, KILL.
- No orphan, even when the supervisor is killed with SIGKILL: a *guard* process reads a pipe that the supervisor holds
  open. The system closes it when the supervisor dies, in whatever way, and the guard then stops what is left.
- Never two on the same data: both hold a lock on `var/supervisor.lock`, so it is free only when all programs are gone.
"""

import argparse
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "var" / "supervisor.lock"
GRACE_SECONDS = 10.0  # the worker finishes short tasks; what it cannot finish stays due in the database
POLL_SECONDS = 0.2
STEADY_SECONDS = 30.0  # a program that ran this long and dies is started again at once
SHORTEST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the web server, the worker and the scheduler together.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--parent", type=int, help="stop when this process, which started us, is gone")
    options = parser.parse_args()
    with take_lock(LOCK, address=f"http://127.0.0.1:{options.port}") as lock:
        supervise(programs(options.port), lock=lock, parent=options.parent)


def programs(port: int) -> dict[str, list[str]]:
    """Return the command of each program by its name."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "config"]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"),
            *("--workers", "1", "--worker-class", "gthread", "--threads", "4", "--log-level", "warning"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"),
            # These three talk to other workers; there are none, and the filesystem broker has no way to carry it.
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        "beat": [*celery, "beat", "--schedule", str(ROOT / "var" / "beat-schedule"), "--loglevel", "WARNING"],
    }


# -- all of them ------------------------------------------------------------------------------------------------------


def supervise(commands: Mapping[str, list[str]], *, lock: IO[str], parent: int | None = None) -> None:
    """Keep the programs running until a signal asks to stop, or the parent process is gone."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means to ignore this one
            signal.signal(number, lambda received, _frame: stopping.append(received))
    with started_guard(lock) as guard_pipe:
        tended = [Program(name, command, guard_pipe) for name, command in commands.items()]
        while not stopping and parent in (None, os.getppid()):
            for program in tended:
                program.tend(now=time.monotonic())
            time.sleep(POLL_SECONDS)
        print("Stopping.", flush=True)
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


def send(number: signal.Signals, groups: Iterable[int]) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # gone; macOS says the second of dead ones
            os.killpg(group, number)


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
            self.command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=self.introduce
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
        ended = f"{self.name} ended with {process.returncode}"
        print(f"{ended}; starting it again in {self.pause_seconds:g} s.", flush=True)
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
    # Started by file, not by module: it needs nothing but the standard library, and is there sooner. `-P` keeps this
    # folder off the path, where celery.py would hide the package of that name.
    command = [sys.executable, "-P", __file__, "--guard", str(GRACE_SECONDS)]
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


def guard(pipe: IO[str], *, grace_seconds: float) -> None:
    """Remember which process groups run; when the pipe closes, stop those that are left."""
    groups: set[int] = set()
    for line in pipe:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    send(signal.SIGTERM, groups)
    deadline = time.monotonic() + grace_seconds
    while any(map(group_exists, groups)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    send(signal.SIGKILL, groups)


def group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


# -- never two --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def take_lock(path: Path, *, address: str) -> Iterator[IO[str]]:
    """Hold the lock file, which names its holder; exit with a sentence when another process holds it.

    When the holder is stopping, or is dead and its guard is stopping its programs, that is worth waiting for.
    """
    path.parent.mkdir(exist_ok=True)
    with path.open("a+") as lock:
        asked_at = time.monotonic()
        while not is_locked(lock):
            pid, held_address = read_holder(lock)
            patience = 1.0 if is_alive(pid) else 3 * GRACE_SECONDS
            if time.monotonic() - asked_at > patience:
                sys.exit(f"Retour is already running at {held_address} (process {pid}). Stop it first.")
            time.sleep(POLL_SECONDS)
        lock.truncate(0)
        print(os.getpid(), address, file=lock, flush=True)
        yield lock


def is_locked(lock: IO[str]) -> bool:
    """Take the lock if it is free, and tell whether it was."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_holder(lock: IO[str]) -> tuple[int, str]:
    lock.seek(0)
    pid, _, address = lock.read().strip().partition(" ")
    return int(pid or 0), address


def is_alive(pid: int) -> bool:
    if pid == 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True


def port_problem(port: int) -> str | None:
    """Return the sentence that says why the web server cannot listen there, or None when it can."""
    if not 0 < port < 65536:
        return f"{port} is not a port. Choose one between 1024 and 65535: PORT=8123 make run"
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            why = error.strerror or str(error)
            return f"Port {port} cannot be used ({why.lower()}). Choose another one: PORT=8123 make run"
    return None


if __name__ == "__main__":
    if sys.argv[1:2] == ["--guard"]:
        guard(sys.stdin, grace_seconds=float(sys.argv[2]))
    else:
        main()
