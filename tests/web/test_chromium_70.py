"""What residents' pages load uses nothing that a phone of 2018 (Chromium 70) does not know."""

import re
from pathlib import Path

import pytest

from tongxin.web import pages

# Properties since then; a browser that does not know them leaves them out.
NEWER_PROPERTIES = (
    "accent-color",
    "color-scheme",
    "text-underline-offset",
    "text-decoration-thickness",
    "backdrop-filter",
)
DECORATION = {"accent-color", "color-scheme", "text-underline-offset"}  # without them a page is plainer, and whole
NEWER_IN_CSS = {  # what, since which version
    ":is() and :where()": r":(?:is|where|has)\(",
    "gap outside of a grid": r"(?<![\w-])gap\s*:",
    "inset and logical shorthands": r"(?<![\w-])(?:inset|margin-inline|margin-block|padding-inline|padding-block)\s*:",
    "aspect-ratio": r"aspect-ratio\s*:",
    "clamp(), min(), max()": r"(?<![\w-])(?:clamp|min|max)\(",
    "units of 2022": r"\d(?:dvh|svh|lvh|dvw|svw|lvw|cqw|cqh)\b",
    "@layer, @container, @property, @supports selector": r"@(?:layer|container|property|starting-style)|selector\(",
    "nesting": r"&[\s:.\[>+~]",
    "color-mix, oklch, light-dark": r"(?:color-mix|oklch|oklab|light-dark|lab|lch)\(",
    "overflow: clip": r"overflow(?:-[xy])?\s*:\s*clip",
    "scroll-margin": r"scroll-margin",
    "content-visibility": r"content-visibility",
    "subgrid": r"subgrid",
    "media ranges": r"@media[^{]*[<>]",
    "overflow-wrap: anywhere": r":\s*anywhere",
    "text-wrap": r"text-wrap",
    "individual transforms": r"(?<![\w-])(?:translate|rotate|scale)\s*:",
}
NEWER_IN_JS = {
    "??": r"\?\?",
    "?.": r"\?\.(?!\d)",
    "logical assignment": r"(?:\|\||&&)=",
    "replaceAll, matchAll, at, flat": r"\.(?:replaceAll|matchAll|at|hasOwn|toSorted|toReversed|groupBy|findLast)\(",
    "Array.flat, Object.fromEntries": r"\.(?:flat|flatMap|fromEntries|allSettled|any)\(",
    "dialog and popover": r"showModal|showPopover|\bpopover\b",
    "private names": r"this\.#",
    "BigInt, numeric separators": r"\b\d+n\b|\b\d+_\d+\b",
    "globalThis, structuredClone, queueMicrotask": r"\b(?:globalThis|structuredClone|queueMicrotask)\b",
    "replaceChildren, submitter": r"\.(?:replaceChildren|requestSubmit|submitter|checkVisibility|toggleAttribute)\b",
    "dynamic modules": r"^\s*(?:import|export)\b|\bimport\(",
    "top-level await": r"^await\b",
}


def loaded(kind: str) -> set[Path]:
    """The files of a kind that templates of residents' pages name, whether or not a page shows them now."""
    folder = pages.TEMPLATES
    texts = [path.read_text() for path in folder.glob("portal/*.html")]
    texts += [(folder / "layouts" / name).read_text() for name in ("portal.html", "_words.html", "_language.html")]
    names = {name for text in texts for name in re.findall(rf'static\("{kind}/([\w/.-]+)"\)', text)}
    for text in texts:
        for listed in re.findall(rf'in \[([^\]]+)\] %\}}.*?static\("{kind}/" ~', text, re.DOTALL):
            names |= {f"{name}.{kind}" for name in re.findall(r'"([\w-]+)"', listed)}
    return {pages.STATIC / kind / name for name in names}


def without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//.*?$|(?<=[;{},\s])//\s.*?$", "", source, flags=re.DOTALL | re.MULTILINE)


def test_the_files_are_found() -> None:
    """A changed template must not make the tests below look at nothing."""
    styles, scripts = {path.name for path in loaded("css")}, {path.name for path in loaded("js")}
    assert {"tokens.css", "base.css", "form.css", "portal.css", "board.css"} <= styles
    assert {"alerts.js", "copy.js", "focus.js", "photo.js", "thanks.js", "wait.js"} <= scripts
    assert all(path.is_file() for path in loaded("css") | loaded("js"))


@pytest.mark.parametrize("path", sorted(loaded("css")), ids=lambda path: path.name)
def test_styles(path: Path) -> None:
    source = without_comments(path.read_text())
    assert newer(source, NEWER_IN_CSS) == []
    assert [
        one for one in re.findall(r"([^{}]+)\{[^{}]*\}", source) if ":focus-visible" in one and not fallback(one)
    ] == []
    assert {one for one in NEWER_PROPERTIES if re.search(rf"(?<![\w-]){one}\s*:", source)} <= DECORATION


def fallback(selector: str) -> bool:
    """:focus-visible may only take away what :focus gave: an old browser leaves the rule out, and the ring stays."""
    return all(":not(:focus-visible)" in one for one in selector.split(",") if ":focus-visible" in one)


@pytest.mark.parametrize("path", sorted(loaded("js")), ids=lambda path: path.name)
def test_scripts(path: Path) -> None:
    assert newer(without_comments(path.read_text()), NEWER_IN_JS) == []


@pytest.mark.parametrize(
    ("source", "features"),
    [
        (".a { display: flex; gap: 8px; }", NEWER_IN_CSS),
        (":is(a, b) { color: red; }", NEWER_IN_CSS),
        (".a { width: min(100%, 40rem); }", NEWER_IN_CSS),
        (".a { width: calc(1px + max(1px, 2px)); }", NEWER_IN_CSS),
        (".a { height: 100dvh; }", NEWER_IN_CSS),
        (".a { inset: 0; }", NEWER_IN_CSS),
        ("@media (width >= 40rem) { .a { color: red; } }", NEWER_IN_CSS),
        ("const a = b ?? c;", NEWER_IN_JS),
        ("a?.b();", NEWER_IN_JS),
        ("a ||= 1;", NEWER_IN_JS),
        ('text.replaceAll("a", "b");', NEWER_IN_JS),
        ("box.showModal();", NEWER_IN_JS),
        ("import a from './a.js';", NEWER_IN_JS),
    ],
)
def test_what_is_newer_is_found(source: str, features: dict[str, str]) -> None:
    assert newer(source, features) != []


@pytest.mark.parametrize(
    ("source", "features"),
    [
        (".a { grid-gap: 8px; grid-template-columns: minmax(0, 1fr); max-width: 1px; }", NEWER_IN_CSS),
        (".a:focus:not(:focus-visible) { outline: 0; }", NEWER_IN_CSS),
        ("const a = b ? .5 : 1; // what?.is", NEWER_IN_JS),
        ("try { await f(); } catch { g(); }", NEWER_IN_JS),
    ],
)
def test_and_what_is_old_is_not(source: str, features: dict[str, str]) -> None:
    assert newer(without_comments(source), features) == []


def newer(source: str, features: dict[str, str]) -> list[str]:
    return [
        f"{name}: {match[0]}" for name, shape in features.items() for match in re.finditer(shape, source, re.MULTILINE)
    ]
