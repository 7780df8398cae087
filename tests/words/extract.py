"""Finds the texts that people read: those marked for the catalogue, and Chinese that stands outside of it."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.jslexer import Token, tokenize, unquote_string
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff01-\uff65]")  # characters and full-width punctuation
MARKS = {"_", "N_"}
BOTH_LANGUAGES = {"FeelError", "unexpected"}  # what feel says, without the catalogue
PYTHON, TEMPLATES, SCRIPTS = "src/tongxin/**/*.py", "web/templates/**/*.html", "web/**/*.js"
NOT_OURS = (
    "web/static/vendor/",
    "web/static/modeler/",
    "web/modeler/node_modules/",
)  # the second is built from sources


@dataclass(slots=True)
class Found:
    """What one file holds: its marked texts, and Chinese outside the marks with where it stands: a name, or a line."""

    messages: set[str] = field(default_factory=set)
    pairs: dict[str, str] = field(default_factory=dict)  # Chinese and English side by side: FEEL's errors
    loose: list[tuple[str, str]] = field(default_factory=list)


Reader = Callable[[str, str], Found]


def everything() -> dict[str, Found]:
    """Every file of ours that shows texts → what it holds."""
    readers: dict[str, Reader] = {PYTHON: python, TEMPLATES: template, SCRIPTS: script}
    return {
        path.relative_to(ROOT).as_posix(): read(path.read_text(), path.relative_to(ROOT).as_posix())
        for pattern, read in readers.items()
        for path in sorted(ROOT.glob(pattern))
        if not path.relative_to(ROOT).as_posix().startswith(NOT_OURS)
    }


def is_chinese(value: object) -> bool:
    """Whether it is a text with a Chinese character in it."""
    return isinstance(value, str) and bool(CHINESE.search(value))


def python(source: str, path: str) -> Found:
    """Marked texts, the messages that exceptions have as docstrings, and what commands say of themselves."""
    found, tree = Found(), ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    commands = "/cli/" in path
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        around = parents[node]
        if isinstance(around, ast.Call) and _carries_english(around):
            found.pairs |= {node.value: str(ast.literal_eval(around.args[1]))} if around.args[:1] == [node] else {}
        elif _is_marked(node, around) or (
            commands and isinstance(around, ast.keyword) and around.arg in ("help", "prompt")
        ):
            found.messages.add(node.value)
        elif isinstance(around, ast.Expr):  # a docstring
            owner = parents[around]
            says = isinstance(owner, ast.ClassDef) or (commands and isinstance(owner, ast.FunctionDef))
            if says and CHINESE.match(node.value):
                found.messages.add(node.value)
        elif is_chinese(node.value):
            found.loose.append((_top(node, parents), node.value))
    return found


def _top(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> str:
    """The module's constant, function or class that the node belongs to."""
    while not isinstance(parents[node], ast.Module):
        node = parents[node]
    targets = getattr(node, "targets", [getattr(node, "target", node)])
    return str(getattr(node, "name", "") or getattr(targets[0], "id", node.__class__.__name__))


def _carries_english(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in BOTH_LANGUAGES and len(call.args) > 1


def _is_marked(node: ast.expr, around: ast.AST) -> bool:
    return (
        isinstance(around, ast.Call)
        and isinstance(around.func, ast.Name)
        and around.func.id in MARKS
        and around.args[:1] == [node]
    )


def template(source: str, _path: str) -> Found:
    """Marked texts; everything else that a template writes or compares."""
    found, tree = Found(), Environment(autoescape=True).parse(source)
    marked = set()
    for call in tree.find_all(nodes.Call):
        first = call.args[0] if call.args else None
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS and isinstance(first, nodes.Const):
            marked.add(id(first))
            found.messages.add(first.value)
    for constant in tree.find_all(nodes.Const):
        if id(constant) not in marked and is_chinese(constant.value):
            found.loose.append((f"line {constant.lineno}", constant.value))
    for text in tree.find_all(nodes.TemplateData):
        if is_chinese(text.data):
            found.loose.append((f"line {text.lineno}", text.data.strip()))
    return found


def script(source: str, _path: str) -> Found:
    """Marked texts (one literal, or several added up); every other literal."""
    found = Found()
    tokens = [one for one in tokenize(source, jsx=False) if "comment" not in one.type]
    for number, token in enumerate(tokens):
        if token.type not in ("string", "template_string"):
            continue
        if number > 1 and tokens[number - 1].value == "(" and tokens[number - 2].value in MARKS:
            found.messages.add("".join(_added_up(tokens[number:])))
        elif is_chinese(token.value) and not _continues(tokens[:number]):
            found.loose.append((f"line {token.lineno}", token.value))
    return found


def _added_up(tokens: Iterable[Token]) -> Iterator[str]:
    for number, token in enumerate(tokens):
        if token.type == "string" and number % 2 == 0:
            yield unquote_string(token.value)
        elif token.value != "+" or number % 2 == 0:
            return


def _continues(before: list[Token]) -> bool:
    """Whether the literal after these belongs to a marked text."""
    while len(before) > 1 and before[-1].value == "+" and before[-2].type == "string":
        before = before[:-2]
    return len(before) > 1 and before[-1].value == "(" and before[-2].value in MARKS
