"""The platform knows no procedure: what one needs becomes a capability for all of them."""

import re

from tongxin import config

PLACES = [*(config.PROJECT / "src").rglob("*.py"), *(config.PROJECT / "web" / "templates").rglob("*.html")]


def test_no_procedure_is_named() -> None:
    keys = [path.parent.name for path in (config.PROJECT / "processes").glob("*/procedure.toml")]
    named = re.compile(rf"""["'](?:{"|".join(keys)})["']""")
    assert len(keys) > 5
    assert [path.name for path in PLACES if named.search(path.read_text("utf-8"))] == []
