"""The `markdown` block as HTML. No raw HTML passes, and nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape


def render_markdown(text: str) -> Markup:
    return Markup(_reader().render(text))  # noqa: S704 - raw HTML is off, so the output is ours


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.enable(["table", "strikethrough"])
    reader.add_render_rule("link_open", _link)
    reader.add_render_rule("image", _image)
    for cell in ("th_open", "td_open"):
        reader.add_render_rule(cell, _cell)
    reader.add_render_rule("table_open", _constant('<div class="table-frame"><table>'))
    reader.add_render_rule("table_close", _constant("</table></div>"))
    return reader


def _constant(html: str) -> Callable[..., str]:
    return lambda *_: html


def _link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    _env: EnvType,
) -> str:
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, index, options, _env)


def _image(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    """A link, as Slack makes of an image in Markdown."""
    source = str(tokens[index].attrGet("src") or "")
    words = tokens[index].content or source
    if source.startswith("data:"):
        return str(escape(words))
    link = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    return Markup(link).format(source, words)  # noqa: S704 - a constant; format escapes


def _cell(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """The page's content policy forbids inline styles: the alignment becomes a class."""
    style = str(tokens[index].attrs.pop("style", ""))
    if style:
        tokens[index].attrSet("class", style.removeprefix("text-align:"))
    return renderer.renderToken(tokens, index, options, env)
