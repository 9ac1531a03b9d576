"""The supervisor with small programs in place of the real ones: what happens to processes, whatever they are."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.environment import BASE_DIR
from config.standalone import supervisor
from tests.waiting import PATIENCE, happens

pytestmark = pytest.mark.server

SUPERVISE = """
import logging
import sys
from pathlib import Path
from config.standalone import supervisor
from core.run_lock import take_lock
logging.basicConfig(format="%(message)s", level=logging.INFO)
supervisor.GRACE_SECONDS = 2.0
supervisor.SHORTEST_PAUSE_SECONDS = 0.1
folder = Path(sys.argv[1])
note = "echo $$ >> " + str(folder) + "/"
commands = {
    "plain": ["sh", "-c", note + "plain; exec sleep 600"],
    "parent": ["sh", "-c", note + "parent; sleep 600 & echo $! >> " + str(folder) + "/child; wait"],
    "stubborn": ["sh", "-c", "trap '' TERM; " + note + "stubborn; while true; do sleep 0.2; done"],
}
parent = int(sys.argv[2]) if len(sys.argv) > 2 else None
with take_lock(folder / "lock", address="http://127.0.0.1:1") as lock:
    supervisor.supervise(commands, lock=lock, parent=parent)
"""
NAMES = ["plain", "parent", "child", "stubborn"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for pid in [pid for name in NAMES for pid in pids(tmp_path, name)]:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISE, str(folder), *arguments]
    return subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def pids(folder: Path, name: str) -> list[int]:
    """Return every process that ran under that name, oldest first."""
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"  # dead, not yet buried


def all_running(folder: Path) -> list[int]:
    assert happens(lambda: all(pids(folder, name) for name in NAMES))
    running = [pids(folder, name)[-1] for name in NAMES]
    assert all(map(is_running, running))
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_stops_all_programs_and_their_children_and_kills_the_stubborn(folder, number):
    process = start(folder)
    running = all_running(folder)
    process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE)
    assert not any(map(is_running, running))
    assert process.returncode == 0
    assert output == "Stopping.\n"


def test_no_orphan_is_left_when_the_supervisor_is_killed(folder):
    process = start(folder)
    running = all_running(folder)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert happens(lambda: not any(map(is_running, running)))


def test_programs_stop_when_the_process_that_started_the_supervisor_is_gone(folder):
    # The outer shell waits, as make does, and is killed in a way that it cannot pass on.
    script = f'"{sys.executable}" -c "$0" "$1" $$ & wait'
    shell = subprocess.Popen(["sh", "-c", script, SUPERVISE, str(folder)], cwd=BASE_DIR)
    running = all_running(folder)
    shell.kill()
    shell.wait()
    assert happens(lambda: not any(map(is_running, running)))


def test_a_program_that_dies_is_started_again(folder):
    process = start(folder)
    first = all_running(folder)[0]
    os.kill(first, signal.SIGKILL)
    assert happens(lambda: len(pids(folder, "plain")) == 2)
    assert is_running(pids(folder, "plain")[1])
    process.terminate()
    output, _ = process.communicate(timeout=PATIENCE)
    assert "plain ended with -9; starting it again in" in output


def test_what_a_dead_program_left_behind_is_ended_before_it_is_started_again(folder):
    process = start(folder)
    _, parent, child, _ = all_running(folder)
    os.kill(parent, signal.SIGKILL)
    assert happens(lambda: len(pids(folder, "parent")) == 2)
    assert not is_running(child)
    process.terminate()
    process.communicate(timeout=PATIENCE)


def test_a_second_start_on_the_same_data_says_where_the_first_runs(folder):
    process = start(folder)
    all_running(folder)
    second = start(folder)
    output, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert output == f"Retour is already running at http://127.0.0.1:1 (process {process.pid}). Stop it first.\n"
    process.terminate()
    process.communicate(timeout=PATIENCE)


def test_a_start_right_after_a_kill_waits_until_the_old_programs_are_gone(folder):
    process = start(folder)
    running = all_running(folder)
    process.kill()
    process.communicate(timeout=PATIENCE)
    second = start(folder)
    assert happens(lambda: len(pids(folder, "plain")) == 2)
    assert not any(map(is_running, running))
    second.terminate()
    second.communicate(timeout=PATIENCE)


def test_the_pause_before_starting_again_doubles_up_to_a_limit_and_forgets_after_a_steady_run():
    program = supervisor.Program("web", ["false"], os.open(os.devnull, os.O_WRONLY))
    pauses, now = [], 0.0
    for run_seconds in [0, 0, 0, 0, 0, 0, 0, 40]:
        program.start(now=now)
        assert program.process
        program.process.wait()
        program.tend(now=now + run_seconds)
        pauses.append(program.pause_seconds)
        now = program.start_due_at
    os.close(program.guard_pipe)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 0.5]


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_an_impossible_port_is_said_in_a_sentence(port):
    assert "is not a port" in (supervisor.port_problem("127.0.0.1", port, again="PORT=8123 make run") or "")
