"""What the tests of processes share."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import databases, servers
from tests.platform.houses import House
from tests.platform.installed import Environment, Installation
from tests.platform.services import PROGRAMS, SERVICES, laid_out, program
from tests.waiting import PATIENCE, happens


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def private_redis() -> Iterator[str]:
    """A Redis for this module alone: another worker of the same run must not take its messages."""
    with servers.redis_server(program(servers.find_redis())) as url:
        yield url


@pytest.fixture(scope="module")
def environment(database_server: str, private_redis: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a service: compose's own, with this machine's servers, on a migrated database."""
    name = f"services_{os.getpid()}_{servers.free_port()}"
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {databases.migrated_database(database_server)}")
    environment = {
        **os.environ,
        **SERVICES["web"]["environment"],
        "DATABASE_URL": database_server.rpartition("/")[0] + f"/{name}",
        "BROKER_URL": private_redis,
        "CACHE_URL": private_redis,
        "SECRET_KEY": "long-enough-and-not-an-example-0123456789",
        "SITE_URL": "https://retour.example.com",
        "ALLOWED_HOSTS": "retour.example.com",
        "EMAIL_URL": "dummymail:",
        "EMBEDDED": "false",
        "PORT": str(servers.free_port()),
        "UPLOADS_DIR": str(tmp_path_factory.mktemp("uploads")),
        "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
    }
    # gunicorn listens on every address of a container; of this machine, only on the loopback one.
    environment["GUNICORN_CMD_ARGS"] = f"--bind=127.0.0.1:{environment['PORT']}"
    yield environment
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return laid_out(tmp_path)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house in which `make run` has run once, with what it said."""
    house = House(tmp_path_factory.mktemp("house").resolve())
    process = house.make_run()
    came_up = happens(lambda: house.is_up() or process.poll() is not None)
    house.login_page = house.get("/accounts/login/")
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=PATIENCE)
    house.said_first = house.says()
    assert came_up, house.said_first
    return house


@pytest.fixture(scope="session")
def environment_of_wheel(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("installed").resolve())


@pytest.fixture
def installation(environment_of_wheel: Environment, tmp_path: Path) -> Installation:
    """An installation of the wheel that has not been started yet."""
    return Installation(environment_of_wheel, tmp_path.resolve())
