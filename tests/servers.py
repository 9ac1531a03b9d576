"""Gives a command a real PostgreSQL, a real Redis and real browsers, and takes away again what it started.

    python -m tests.servers COMMAND...

What TEST_DATABASE_URL, TEST_REDIS_URL, TEST_CHROMIUM and so on name is used as it is. What they do not name is looked
for on this machine and started privately: in a temporary folder, on a free port of the loopback address, as another
user when we are root. What is not there is installed with apt-get where that is allowed. Else a sentence says what to
install.
"""

import contextlib
import ctypes
import locale
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

READY_SECONDS = 120.0
STOP_SECONDS = 60.0


def main(command: list[str]) -> int:
    """Run the command with the servers named in its environment, and return its exit code."""
    # Stopped either way, clean up the same way; a script that starts this in its background has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with private_servers() as variables:
            return run_to_the_end(command, {**os.environ, **variables})
    except KeyboardInterrupt:
        return 130
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1


def run_to_the_end(command: list[str], environment: Mapping[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
        process.kill()
        raise


@contextlib.contextmanager
def private_servers() -> Iterator[dict[str, str]]:
    """Give the variables that name them all; start what they do not name yet."""
    tools = find_tools()
    with contextlib.ExitStack() as stack:
        variables = {tool.variable: tools[name] for name, tool in TOOLS.items()}
        variables["TEST_DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or stack.enter_context(
            postgresql(Path(tools["postgresql"]))
        )
        variables["TEST_REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or stack.enter_context(
            redis_server(tools["redis"])
        )
        yield variables


# -- where they are ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tool:
    """Something the tests need: the variable that names it, how to find it, and what to install."""

    variable: str
    find: Callable[[], str | None]
    debian: str
    homebrew: str


class Missing(Exception):
    """Something the tests need is neither here nor to be had."""


def find_tools() -> dict[str, str]:
    """Return where each tool is (for those named by a variable, its value); install what is missing."""
    found = look_for(TOOLS)
    missing = [name for name in TOOLS if name not in found]
    if missing and (become_root := way_to_install()) is not None:
        apt_install([TOOLS[name].debian for name in missing], become_root)
        found = look_for(TOOLS)
    if missing := [name for name in TOOLS if name not in found]:
        raise Missing(what_to_install([TOOLS[name] for name in missing]))
    return found


def look_for(tools: Mapping[str, Tool]) -> dict[str, str]:
    places = {name: os.environ.get(tool.variable) or tool.find() for name, tool in tools.items()}
    return {name: place for name, place in places.items() if place}


def find_postgresql() -> str | None:
    """Return the folder that holds `initdb` and `postgres`, the newest when there are several."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for pattern in POSTGRESQL_PLACES:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), key=version_in, reverse=True)
    complete = [folder for folder in folders if all((folder / name).exists() for name in ("initdb", "postgres"))]
    return str((complete[0] / "initdb").resolve().parent) if complete else None


def letters_of_all() -> list[str]:
    """What has PostgreSQL know é as a letter, whose capital is É, as the databases of an installation do."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            before = locale.setlocale(locale.LC_CTYPE)
            locale.setlocale(locale.LC_CTYPE, name)
            locale.setlocale(locale.LC_CTYPE, before)
            return [f"--lc-ctype={name}"]
    return []


def version_in(path: Path) -> list[int]:
    return [int(digits) for digits in "".join(c if c.isdigit() else " " for c in str(path)).split()]


def find_redis() -> str | None:
    return first_program(["redis-server", "valkey-server"], homebrew("bin"))


def find_chromium() -> str | None:
    apps = ["Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome"]
    # First the one without windows: to open a page takes it half the work, and it is drawn by the same engine.
    names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    place = first_program(names, homebrew("bin")) or next(
        (str(path) for app in apps if (path := Path("/Applications") / app).exists()), None
    )
    return place if place and answers(place, "--version") else None


def first_program(names: list[str], folders: list[str]) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/sbin", "/usr/local/bin", *folders])
    return next((place for name in names if (place := shutil.which(name, path=path))), None)


def homebrew(place: str) -> list[str]:
    return [f"/opt/homebrew/{place}", f"/usr/local/{place}", f"/home/linuxbrew/.linuxbrew/{place}"]


def answers(*command: str) -> bool:
    """Tell whether a program runs: some systems ship a stub that only says where to get the real one."""
    try:
        return subprocess.run(command, capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_firefox() -> str | None:
    app = Path("/Applications/Firefox.app/Contents/MacOS/firefox")
    place = first_program(["firefox-esr", "firefox"], homebrew("bin")) or (str(app) if app.exists() else None)
    return place if place and answers(place, "--version") else None


def find_minibrowser() -> str | None:
    """Return the small browser that WebKitGTK brings and its driver starts; the newest when there are several."""
    places = [place for pattern in MINIBROWSER_PLACES for place in Path("/").glob(pattern)]
    return str(max(places, key=version_in)) if places else None


MINIBROWSER_PLACES = ["usr/lib/*/webkit2gtk-4*/MiniBrowser", "usr/libexec/webkit2gtk-4*/MiniBrowser"]
POSTGRESQL_PLACES = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", *homebrew("opt/postgresql*/bin")]
TOOLS = {
    "postgresql": Tool("TEST_DATABASE_URL", find_postgresql, debian="postgresql", homebrew="postgresql@16"),
    "redis": Tool("TEST_REDIS_URL", find_redis, debian="redis-server", homebrew="redis"),
    "chromium": Tool("TEST_CHROMIUM", find_chromium, debian="chromium-headless-shell", homebrew="--cask chromium"),
    "firefox": Tool("TEST_FIREFOX", find_firefox, debian="firefox-esr", homebrew="--cask firefox"),
}
if sys.platform == "linux":  # elsewhere there is no WebKitGTK
    TOOLS |= {
        "webkit": Tool(
            "TEST_WEBKIT", lambda: first_program(["WebKitWebDriver"], []), debian="webkit2gtk-driver", homebrew=""
        ),
        "minibrowser": Tool("TEST_MINIBROWSER", find_minibrowser, debian="libwebkit2gtk-4.1-0", homebrew=""),
        "xvfb": Tool("TEST_XVFB", lambda: first_program(["Xvfb"], []), debian="xvfb", homebrew=""),
    }


# -- installing -------------------------------------------------------------------------------------------------------

# The packages would start system services of their own; a policy file, for as long as this takes, says not to.
APT_INSTALL = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > $policy
    chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
"""


def way_to_install() -> list[str] | None:
    """Return what to put before a command that installs, or None when we may not install."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and answers("sudo", "-n", "true") else None


def apt_install(packages: list[str], become_root: list[str]) -> None:
    print(f"Installing with apt-get: {' '.join(packages)}", flush=True)
    command = [*become_root, "sh", "-c", APT_INSTALL, "apt-install", *packages]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        print(result.stdout.decode(errors="replace"), file=sys.stderr)


def what_to_install(tools: list[Tool]) -> str:
    return "\n".join(
        [
            "The tests need what is not on this machine. Install it:",
            f"  Debian, Ubuntu:  apt-get install {' '.join(tool.debian for tool in tools)}",
            *(f"  macOS:           brew install {tool.homebrew}" for tool in tools if tool.homebrew),
            f"or name one that is there: {', '.join(tool.variable for tool in tools)}.",
            "`make test-core` needs none of them and runs the core suite on SQLite.",
        ]
    )


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


REACHING_THE_DISK = ("fsync", "synchronous_commit", "full_page_writes")


@contextlib.contextmanager
def postgresql(programs: Path) -> Iterator[str]:
    """Start a PostgreSQL of our own, and give its URL. Nothing in it survives, so it need not reach the disk."""
    with private_folder("postgresql") as folder:
        data, password = folder / "data", secrets.token_urlsafe(16)
        password_file = folder / "password"
        password_file.write_text(password)
        give_away(password_file)
        initialise = [programs / "initdb", "--pgdata", data, "--username=retour", f"--pwfile={password_file}"]
        run_quietly(
            [*initialise, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", *letters_of_all(), "--no-sync"]
        )
        with (data / "postgresql.conf").open("a") as file:  # not in the command, so that the bench can turn them on
            file.writelines(f"{name} = off\n" for name in REACHING_THE_DISK)
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "jit": "off",  # compiling a query takes longer than reading the few rows of a test
        }
        command = [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())]
        url = f"postgres://retour:{password}@127.0.0.1:{port}/postgres"
        with server(command, folder, ready=lambda: psycopg.connect(url).close(), stop=signal.SIGINT):
            yield url


# -- Redis ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def redis_server(program: str) -> Iterator[str]:
    """Start a Redis of our own that keeps nothing, and give its URL."""
    with private_folder("redis") as folder:
        port = free_port()
        command = [program, "--bind", "127.0.0.1", "--port", port, "--dir", folder, "--save", "", "--appendonly", "no"]
        url = f"redis://127.0.0.1:{port}/0"
        with server(command, folder, ready=lambda: redis.Redis.from_url(url).ping(), stop=signal.SIGTERM):
            yield url


# -- any server -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def server(
    command: list[object], folder: Path, *, ready: Callable[[], object], stop: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, in a session of its own so that Ctrl-C reaches us first, until the block ends."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)),
            **as_whom(),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(stop),
        )
    try:
        wait_until(ready, process, log)
        yield process
    finally:
        process.send_signal(stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process that was started in a session of its own, with all that it started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_with_parent(number: signal.Signals) -> None:
    """Have the system stop this process when its parent is killed in a way that leaves no time to do so (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(number))


def wait_until(ready: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            ready()
        except (psycopg.OperationalError, redis.ConnectionError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Missing(f"{process.args[0]} did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def private_folder(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"retour-{name}-", ignore_cleanup_errors=True) as folder:
        give_away(Path(folder))
        yield Path(folder)


def server_user() -> pwd.struct_passwd | None:
    """Return whom a server runs as when we are root: PostgreSQL refuses to be root, and Redis has no need to be."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Missing("As root, the tests need a user named postgres or nobody to run the database as.")


def as_whom() -> dict[str, object]:
    """Return Popen's arguments that name the server's user."""
    user = server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def give_away(path: Path) -> None:
    if user := server_user():
        os.chown(path, user.pw_uid, user.pw_gid)


def run_quietly(command: list[object]) -> None:
    result = subprocess.run(list(map(str, command)), **as_whom(), cwd="/", capture_output=True, text=True)
    if result.returncode:
        raise Missing(f"{command[0]} failed:\n{result.stdout}{result.stderr}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
