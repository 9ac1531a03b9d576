"""What was changed, and by whom, as steps."""

import pytest

from campaigns.models import Sale
from core.history import steps_of
from tests import factories


@pytest.mark.django_db
def test_a_row_that_has_no_version_has_no_steps():
    """One that was loaded in bulk, past the models: its page opens."""
    sale = factories.SaleFactory()
    Sale.history.all().delete()
    assert steps_of(sale) == []
