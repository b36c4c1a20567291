"""A parser of PCL, the language in which the engine gives imported resources to language hosts.

It takes what `pulumi import` writes: blocks with attributes, whose values are literals, lists,
objects, references and calls of functions with one argument. Anything else is refused.
https://www.pulumi.com/docs/iac/guides/building-extending/packages/pulumi-pcl/
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*")
  | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_][\w.-]*)
  | (?P<mark>[][{}()=,])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Name:
    """A reference to a value by its name, such as `zone` or `zone.id`."""

    text: str


@dataclass(frozen=True)
class Invocation:
    """A call of a function of PCL, such as `secret("x")`."""

    function: str
    argument: Any


@dataclass
class Block:
    """`kind labels { attributes, blocks }`, such as a resource or its options.

    Values are str, int, float, bool, None, list, dict, Name or Invocation. The keys of a dict are
    Name for properties, and str (quoted in PCL) for data.
    """

    kind: str
    labels: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)


def parse(source: str) -> list[Block]:
    """The blocks of a program. Raises ValueError for anything else."""
    tokens = _Tokens(source)
    blocks = []
    while tokens.kind:
        blocks.append(_block(tokens, str(tokens.take("name"))))
    return blocks


class _Tokens:
    """The tokens of a source; `kind` and `value` are the next one's, "" at the end."""

    def __init__(self, source: str) -> None:
        self._all = _tokens(source)
        self._step()

    def _step(self) -> None:
        self.kind, self.value = next(self._all, ("", ""))

    def at(self, mark: str) -> bool:
        return self.kind == "mark" and self.value == mark

    def skip(self, mark: str) -> bool:
        """Take this mark if it is next; returns whether it was."""
        found = self.at(mark)
        if found:
            self._step()
        return found

    def take(self, kind: str, value: str = "") -> str:
        """Take the next token, which must be of this kind and have this value, if one is given."""
        found = self.value
        if self.kind != kind or (value and found != value):
            raise ValueError(f"in PCL {value or kind} is expected, not {found or 'the end'}")
        self._step()
        return found


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    at = 0
    while source[at:].strip():
        match = _TOKEN.match(source, at)
        if match is None:
            raise ValueError(f"this PCL is not understood: {source[at:].split()[0]}")
        at = match.end()
        yield str(match.lastgroup), match[match.lastgroup or 0]


def _block(tokens: _Tokens, kind: str) -> Block:
    block = Block(kind, [])
    while not tokens.at("{"):
        quoted = tokens.kind == "text"
        label = tokens.take("text" if quoted else "name")
        block.labels.append(_text(label) if quoted else label)
    tokens.take("mark", "{")
    while not tokens.skip("}"):
        name = tokens.take("name")
        if tokens.skip("="):
            block.attributes[name] = _value(tokens)
        else:
            block.blocks.append(_block(tokens, name))
    return block


def _value(tokens: _Tokens) -> Any:
    if tokens.skip("["):
        return list(_items(tokens))
    if tokens.skip("{"):
        return dict(_pairs(tokens))
    if tokens.kind == "text":
        return _text(tokens.take("text"))
    if tokens.kind == "number":
        return json.loads(tokens.take("number"))
    name = tokens.take("name")
    if tokens.skip("("):
        argument = _value(tokens)
        tokens.take("mark", ")")
        return Invocation(name, argument)
    words = {"true": True, "false": False, "null": None}
    return words.get(name, Name(name))


def _items(tokens: _Tokens) -> Iterator[Any]:
    while not tokens.skip("]"):
        yield _value(tokens)
        if not tokens.skip(",") and not tokens.at("]"):
            tokens.take("mark", "]")


def _pairs(tokens: _Tokens) -> Iterator[tuple[Any, Any]]:
    while not tokens.skip("}"):
        quoted = tokens.kind == "text"
        key = _text(tokens.take("text")) if quoted else Name(tokens.take("name"))
        tokens.take("mark", "=")
        yield key, _value(tokens)
        tokens.skip(",")


def _text(quoted: str) -> str:
    """The text inside quotes. Raises ValueError for a template."""
    if re.search(r"[$%]\{", re.sub(r"\$\$\{|%%\{", "", quoted)):
        raise ValueError(f"a template is not understood in PCL: {quoted}")
    text = json.loads(quoted)
    return str(text).replace("$${", "${").replace("%%{", "%{")
