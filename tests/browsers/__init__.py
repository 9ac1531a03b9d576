"""Firefox and WebKit (Safari's engine), driven by WebDriver as far as the journeys need them."""
