"""What opens the set-up of an installation in which there is nobody yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SetupToken(models.Model):
    """The token that the terminal showed last, as its hash, with the last wrong tries. There is one row, or none.

    It stands in the database because every web process must know it. It goes with the first director.
    """

    digest = models.CharField(max_length=64)  # SHA-256: of 128 random bits, nobody finds them by trying
    wrong_at = models.JSONField(default=list)  # seconds since 1970, of at most the last minute

    class Meta:
        verbose_name = _("set-up token")
        verbose_name_plural = _("set-up tokens")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="setup_token_is_one_row")]

    def __str__(self) -> str:
        return "set-up token"
