"""Reads and writes the catalogue, always the same way: sorted, with files and no dates."""

import io
from collections import defaultdict

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tests.words import extract
from tongxin.words import PATH

HEADER = """\
# English for Tongxin. `make words` finds the texts; their English is written here, by hand.
# A text with {n} has two: for a count of 1, and for all others.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def texts() -> dict[str, list[str]]:
    """Every marked text → the files it stands in."""
    places: dict[str, list[str]] = defaultdict(list)
    for path, found in extract.everything().items():
        for text in found.messages | found.pairs.keys():
            if extract.is_chinese(text):
                places[text].append(path)
    return places


def paired() -> dict[str, str]:
    """Texts that stand beside their English in the code; the catalogue repeats it, so that they can be told again."""
    return {text: said for found in extract.everything().values() for text, said in found.pairs.items()}


def read() -> Catalog:
    """The catalogue as it is."""
    with PATH.open("rb") as file:
        return read_po(file, ignore_obsolete=True)


def fresh(before: Catalog) -> Catalog:
    """Today's texts, with the English they have in `before`."""
    made = Catalog(locale="en")
    beside = paired()
    for text, files in texts().items():
        if text in beside:
            made.add(text, beside[text], [(one, None) for one in files])
            continue
        old = before.get(text)
        counts = "{n}" in text
        said = old.string if old is not None and old.pluralizable == counts else ""
        made.add((text, text) if counts else text, said or (("", "") if counts else ""), [(one, None) for one in files])
    return made


def written(catalogue: Catalog) -> str:
    """The file's text."""
    out = io.BytesIO()
    write_po(out, catalogue, width=120, omit_header=True, sort_output=True, include_lineno=False)
    return HEADER + out.getvalue().decode().strip() + "\n"


def update() -> tuple[list[str], list[str]]:
    """Write it anew; returns the texts that want translating and those that are gone."""
    before = read()
    after = fresh(before)
    PATH.write_text(written(after))
    new = sorted(text_of(one.id) for one in after if one.id and not any(one.string))
    return new, sorted(text_of(one.id) for one in before if one.id and after.get(text_of(one.id)) is None)


def text_of(message_id: str | tuple[str, ...] | list[str]) -> str:
    """The Chinese of a message, which may be one that counts."""
    return message_id if isinstance(message_id, str) else message_id[0]
