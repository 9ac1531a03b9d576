"""The agency's rules for what links say: one spelling for each thing, or reports count it twice. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class NamingRules:
    """`mediums` are those that may be used; any when there are none."""

    is_lower_case: bool = True
    has_no_spaces: bool = True
    mediums: Sequence[str] = ()

    def spelled(self, text: str) -> str:
        """A text as the rules would have it: `Spring Sale` gives `spring-sale`."""
        plain = " ".join(text.split())
        if self.is_lower_case:
            plain = plain.lower()
        return plain.replace(" ", "-") if self.has_no_spaces else plain

    def allow(self, text: str) -> bool:
        return text == self.spelled(text)

    def allow_medium(self, medium: str) -> bool:
        return not self.mediums or medium in self.mediums
