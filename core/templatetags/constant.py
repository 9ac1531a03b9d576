"""Parts of a page that are the same for everybody: rendered once, then only put in their place."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST_RENDERINGS = 200  # of one part; more would mean that it is given something which is different for everybody

Key = tuple[Any, ...]


class ConstantNode(template.Node):
    """Its rendering is kept for each language and each choice of the values that it is given."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self.renderings: dict[Key, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.values.items()}
        key = (get_language(), *values.values())
        if key not in self.renderings:
            if len(self.renderings) >= MOST_RENDERINGS:
                self.renderings.clear()
            self.renderings[key] = self.nodelist.render(context.new(values))
        return self.renderings[key]


@register.tag
def constant(parser: Parser, token: Token) -> ConstantNode:
    """Render a part once for each language and choice of values: `{% constant role=user.role %}…{% endconstant %}`.

    It sees those values and nothing else: no request, no person, no CSRF token. So nothing of one person can reach
    another. It holds no date and no money either, which depend on more than the language.
    """
    values = token_kwargs(token.split_contents()[1:], parser)
    nodelist = parser.parse(("endconstant",))
    parser.delete_first_token()
    return ConstantNode(nodelist, values)
