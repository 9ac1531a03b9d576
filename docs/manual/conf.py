"""Sphinx: the manual in one language. tools/docs.py builds each; the pages are plain Markdown."""

project = "Retour"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Retour"
html_show_sphinx = False
html_copy_source = False
# Links to headings of other pages: docs/deploy.md#upgrading.
myst_heading_anchors = 4
nitpicky = True
