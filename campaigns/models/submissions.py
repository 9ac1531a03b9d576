"""Forms that were sent: one that arrives twice is saved once."""

from django.db import models


class Submission(models.Model):
    """What one sending of a form led to. A second click, or a browser that sends it again, is led there too.

    The key is a hash of who sent what from which loading of the page: the same again from a new page is another
    submission, and so is something else from the same page.
    """

    key = models.CharField(max_length=64, primary_key=True)
    led_to = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)  # retention: what is too old

    def __str__(self) -> str:
        return self.led_to
