"""Words and pages: the one place where a template is found, escaped as its kind needs, and filled.

1. A value that a template names and nobody gave is an error, never an empty place in a letter.
2. HTML and XML are escaped, plain text is not; the file’s name says which.
3. Characters that turn round the text behind them (Unicode Annex 9: embeddings, overrides, isolates) are left out of
   every value: nobody's name makes the words after it read otherwise.
4. Words are said in the language spoken when a template is rendered (see languages/): a template that others import
   says none outside its macros, for that part is run once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from functools import cache
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    Undefined,
    select_autoescape,
)

from templates import languages

_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_TURNS = re.compile(f"[{''.join(map(chr, _TURNING))}]")
_INDENTED = re.compile(r"^[ \t]+", re.MULTILINE)


def render(name: str, /, **values: object) -> str:
    """The text of template `name`; the slash leaves `name` free to be a value's name too."""
    return _OURS.get_template(name).render(**values)


def exists(name: str) -> bool:
    """Whether there is a template `name`."""
    return name in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset(_PACKAGED.list_templates())


def _environment(loader: BaseLoader, undefined: type[Undefined]) -> Environment:
    made = Environment(
        loader=loader,
        undefined=undefined,
        autoescape=select_autoescape(enabled_extensions=("html", "xml"), default=False),
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        finalize=_straight,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(languages.say, languages.count, newstyle=True)  # type: ignore[attr-defined]  # by i18n
    made.globals |= {"say": languages.say, "spoken": languages.spoken}  # say: for words that are data
    return made


def _straight(value: object) -> object:
    """Rule 3. Most values are ASCII, which Python knows of a text without reading it."""
    if isinstance(value, str) and not value.isascii() and _TURNS.search(value):
        return value.translate(_TURNING)
    return value


class _Flush(PackageLoader):
    """Pages whose lines begin at the margin: nobody sees their indentation, and it was a tenth of what a page weighs.

    It is taken from the templates as they are read, never from what is filled in.
    """

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        source, path, fresh = super().get_source(environment, template)
        return (_INDENTED.sub("", source) if template.endswith(".html") else source), path, fresh


class _DesignSystem(BaseLoader):
    """The design system's macros ask `if params.x` of what was not given, so they are compiled leniently.

    Ours stay strict: each template runs under the environment that compiled it.
    """

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        return _THEIRS.get_template(name)

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        return _PREFIXED.get_source(environment, template)


_PREFIXED = PrefixLoader({"govuk_frontend_jinja": _Flush("govuk_frontend_jinja")})
_THEIRS = _environment(_PREFIXED, Undefined)
_THEIRS.filters["indent"] = lambda words, *_how: words  # it would indent what somebody wrote in a box, too
_PACKAGED = _Flush(__name__, "")
_OURS = _environment(ChoiceLoader([_PACKAGED, _DesignSystem()]), StrictUndefined)
