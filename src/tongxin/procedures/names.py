"""Names that a procedure may not give to its variables."""

from tongxin import calendar, feel, forms
from tongxin.engine import Finding
from tongxin.words import _


def taken_by_functions(dictionary: forms.Dictionary) -> list[Finding]:
    """Variables whose name means a function of the expression language as long as they have no value."""
    return [
        Finding(
            "error",
            "data.json",
            name,
            _("变量“{name}”和表达式里的一个函数同名，没有值时会被当成这个函数。", name=name),
            _("请换一个名称，例如 my_{name}。", name=name.replace(" ", "_")),
        )
        for name in sorted(dictionary.properties.keys() & (feel.FUNCTION_NAMES | calendar.FUNCTIONS.keys()))
    ]
