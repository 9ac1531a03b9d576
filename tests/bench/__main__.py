"""`make bench`: fill each database, compare, measure, print a table and write var/bench.json."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

import tests.environment  # noqa: F401  (for the processes that migrate)
from tests import databases
from tests.app import ROOT, settings_in
from tests.bench import table
from tests.bench.proportions import Proportions

RESULTS = ROOT / "var" / "bench.json"
DATABASES = "postgresql,sqlite"


def main() -> int:
    """Return 0, or 1 when a database holds other figures than it should: then nothing is measured."""
    size, names = asked()
    with tempfile.TemporaryDirectory(prefix="retour-bench-") as folder, contextlib.ExitStack() as stack:
        settings = {name: stack.enter_context(database(name, Path(folder) / name, size)) for name in names}
        fingerprints = {name: phase("fill", environment) for name, environment in settings.items()}
        if problem := what_is_wrong(fingerprints):
            print(f"The figures are wrong, so nothing is measured. {problem}", file=sys.stderr)
            return 1
        results: list[dict[str, Any]] = []
        for part in ("measure", "peers") if os.environ.get("PEERS") else ("measure",):
            for environment in settings.values():
                results += phase(part, environment)
                table.keep(results, RESULTS)  # at once: a part that fails takes nothing of the others away
        print(table.show(results))
        for name, environment in settings.items() if os.environ.get("KILLS") else ():  # last: it changes the rows
            print(f"{name}: {', '.join(f'{key} {value}' for key, value in phase('kills', environment).items())}")
    return 0


def asked() -> tuple[Proportions, list[str]]:
    """The size and the databases; SystemExit with a sentence when there is no such one."""
    names = (os.environ.get("DATABASES") or DATABASES).split(",")
    if unknown := set(names) - MADE_BY.keys():
        sys.exit(f"DATABASES: {', '.join(sorted(unknown))} is none. Write postgresql, sqlite or both, with a comma.")
    try:
        return Proportions.of(os.environ.get("SIZE") or "100k"), names
    except ValueError as error:
        sys.exit(f"SIZE: {error}")


def what_is_wrong(fingerprints: Mapping[str, Mapping[str, Any]]) -> str:
    """What differs from what the generator made, or between the databases; nothing when all of it is right."""
    for name, fingerprint in fingerprints.items():
        if "wrong" in fingerprint:
            return f"{name}: {fingerprint['wrong']}"
        print(f"{name}: {', '.join(f'{key} {value}' for key, value in fingerprint.items())}", flush=True)
    (first, expected), *others = fingerprints.items()
    differing = [
        f"{key} is {expected[key]} on {first} and {fingerprint[key]} on {name}."
        for name, fingerprint in others
        for key in expected
        if fingerprint[key] != expected[key]
    ]
    return " ".join(differing)


def phase(name: str, environment: Mapping[str, str]) -> Any:
    command = [sys.executable, "-m", "tests.bench.phase", name]
    answer = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(answer.splitlines()[-1])


@contextlib.contextmanager
def database(name: str, folder: Path, size: Proportions) -> Iterator[dict[str, str]]:
    """A migrated database of this kind, until the block ends; gives the environment of a process that works on it."""
    folder.mkdir()
    with MADE_BY[name](folder) as variables:
        bench = {"DJANGO_SETTINGS_MODULE": "tests.bench.settings", "BENCH_SIZE": size.size, "BENCH_LAST": str(last())}
        yield {**settings_in(folder), **variables, **bench}


def last() -> date:
    """The Monday of the last week that is over."""
    today = date.today()
    return today - timedelta(days=today.weekday() + 7)


@contextlib.contextmanager
def on_postgresql(_folder: Path) -> Iterator[dict[str, str]]:
    """A database of our own on the server of this run, with its Redis, as in production."""
    server, redis = os.environ["TEST_DATABASE_URL"], os.environ["TEST_REDIS_URL"]
    name = f"bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {databases.migrated_database(server)}")
    try:
        url = f"{server.rpartition('/')[0]}/{name}"
        yield {"DATABASE_URL": url, "BROKER_URL": redis, "CACHE_URL": redis}
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def on_sqlite(folder: Path) -> Iterator[dict[str, str]]:
    path = folder / "bench.sqlite3"
    databases.copy_file(path)
    yield {"DATABASE_URL": f"sqlite:///{path}"}


MADE_BY = {"postgresql": on_postgresql, "sqlite": on_sqlite}

if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:  # which has said why
        sys.exit(failed.returncode)
