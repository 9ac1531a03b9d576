"""Uploads of these tests go to a folder of their own; nothing waits between chunks."""

import pytest

from campaigns.intake import engine


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(engine, "BREATH", 0)
