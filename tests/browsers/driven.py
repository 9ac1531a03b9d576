"""What a journey asks of a browser, whichever it is."""

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from tests.waiting import happens

ENTER = "\ue007"  # as WebDriver writes the key


class DrivenBrowser(ABC):
    """A browser with one page. Elements are named by CSS selectors."""

    @abstractmethod
    def open(self, url: str) -> None: ...

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, as JSON has it."""

    @abstractmethod
    def click(self, css: str) -> None: ...

    @abstractmethod
    def type(self, css: str, text: str) -> None:
        """Press the keys of this text in an element."""

    @abstractmethod
    def upload(self, css: str, path: Path) -> None:
        """Choose a file in an <input type="file">."""

    @abstractmethod
    def add_cookie(self, name: str, value: str) -> None:
        """Of the site whose page is open."""

    def waits_for(self, expression: str) -> None:
        """Wait until the expression is true; what the page says instead, if it never is."""
        if not happens(lambda: self._is_true(expression)):
            text = self.evaluate("document.body.innerText")
            raise AssertionError(f"never: {expression}\n{text[:2000]}")

    def waits_for_text(self, text: str) -> None:
        self.waits_for(f"document.body.innerText.includes({json.dumps(text)})")

    def _is_true(self, expression: str) -> bool:
        try:
            return bool(self.evaluate(expression))
        except AssertionError:  # the page that was asked is gone: the next one is asked
            return False
