"""What can become of something that is handed to another server, besides that it arrives."""


class NotSent(Exception):
    """The server did not accept it; the text says why."""


class TemporaryFailure(NotSent):
    """The server is away or says that it cannot now: try again later."""


class PermanentFailure(NotSent):
    """The server says that it never will: trying again will not help."""


class DeliveryUnknown(Exception):
    """The connection broke, or no answer came, after all of it was handed over."""
