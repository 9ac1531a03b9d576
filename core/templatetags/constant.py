"""Parts of a page that come out the same: rendered once, then only put in their place."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, render_value_in_context, token_kwargs
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.patterns import Pattern, places

register = template.Library()

MOST_RENDERINGS = 200  # of one part; more would mean that it is given something which is different for everybody
PLACES = "places"

Key = tuple[Any, ...]
Expressions = dict[str, FilterExpression]


class ConstantNode(template.Node):
    """Its rendering is kept for each language and each choice of the values that it is given."""

    # No block can stand in it, so nobody who looks for those of a page need look through it.
    child_nodelists: tuple[str, ...] = ()

    def __init__(self, nodelist: NodeList, values: Expressions, filled: Expressions) -> None:
        self.nodelist, self.values, self.filled = nodelist, values, filled
        self.renderings: dict[Key, Pattern] = {}

    def render(self, context: template.Context) -> SafeString:
        key = (get_language(), *[value.resolve(context) for value in self.values.values()])
        pattern = self.renderings.get(key) or self._pattern(key, context)
        return pattern.fill({name: _text(value.resolve(context), context) for name, value in self.filled.items()})

    def _pattern(self, key: Key, context: template.Context) -> Pattern:
        if len(self.renderings) >= MOST_RENDERINGS:
            self.renderings.clear()
        values = {**dict(zip(self.values, key[1:], strict=True)), **places(self.filled)}
        self.renderings[key] = pattern = Pattern(self.nodelist.render(context.new(values)).strip())
        return pattern


def _text(value: Any, context: template.Context) -> Any:
    """A value as a template writes it."""
    return value if isinstance(value, str) else render_value_in_context(value, context)


@register.tag
def constant(parser: Parser, token: Token) -> ConstantNode:
    """Render a part once for each language and choice of values: `{% constant role=user.role %}…{% endconstant %}`.

    It sees those values and nothing else: no request, no person, no CSRF token. So nothing of one person can reach
    another. It holds no date and no money either, which depend on more than the language.

    White space at its edges is left out: what stands around the tags is there already.

    Values named after `places` are not part of it: each time they are put in where it writes them, and are not kept.
    It can do nothing with them but write them: `{% constant css=cell.css places text=cell.text %}…{% endconstant %}`.
    """
    words = token.split_contents()[1:]
    end = words.index(PLACES) if PLACES in words else len(words)
    values, filled = token_kwargs(words[:end], parser), token_kwargs(words[end + 1 :], parser)
    nodelist = parser.parse(("endconstant",))
    parser.delete_first_token()
    return ConstantNode(nodelist, values, filled)
