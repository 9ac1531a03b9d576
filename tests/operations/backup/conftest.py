from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.backup.installations import Installation, Installations


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory) -> Installations:
    return Installations(lambda: tmp_path_factory.mktemp("retour"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory, database_server) -> Iterator[Installations]:
    made = Installations(lambda: tmp_path_factory.mktemp("retour"), database_server)
    yield made
    made.drop()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def either(request) -> Installations:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def whole(sqlite) -> Path:
    """A backup that tests may read and must not change."""
    return sqlite.used().backup("whole.backup")


@pytest.fixture(scope="session")
def on_postgres(postgres) -> Installation:
    return postgres.used()
