"""What a person reads of why a decision answered as it did."""

import pytest

from tests.decisions.test_table import evaluated
from tests.decisions.writing import table
from tongxin.decisions import shown, told


@pytest.mark.parametrize(
    ("n", "whole", "bare"),
    [
        (3, "结论：第 1 行（按办法第三条）（n：3）→ x：高；y：是", "结论：第 1 行（按办法第三条）"),
        (1, "结论：第 2 行（n：1）→ x：低；y：否", "结论：第 2 行"),
        (None, "结论：没有哪一行命中（n：（空））→ （空）", "结论：没有哪一行命中"),
    ],
)
def test_the_rules_and_what_they_were_asked(n: int | None, whole: str, bare: str) -> None:
    logic = table(["n"], ["x", "y"], ['>= 2 -> "高" | true # 按办法第三条', '< 2 -> "低" | false'])
    explanation = evaluated(logic, {"n": n}).explanation
    assert told(explanation) == whole
    assert told(explanation, with_values=False) == bare


def test_what_went_wrong_is_told() -> None:
    explanation = evaluated(table(["n"], ["x"], ["> 1 -> 1", "> 2 -> 2"]), {"n": 3}).explanation
    assert told(explanation, with_values=False) == "结论：有几行规则同时命中，但这张表只许命中一行"


def test_values_by_their_titles() -> None:
    assert shown([{"by": True, "other": []}], {"by": "谁来派"}) == "谁来派：是；other：（空的列表）"


def test_values_are_called_as_the_forms_call_them() -> None:
    asked = [{"label": "规模", "value": "02", "name": "scale"}, {"label": "kind", "value": "other"}]
    entry = {"decision": "风险", "inputs": asked, "rules": [{"number": 3, "annotation": ""}], "value": "橙"}
    titles = {"scale": {"02": "一般群体性"}, "kind": {"neighbours": "邻里"}}
    assert told([entry], titles=titles) == "风险：第 3 行（规模：一般群体性；kind：other）→ 橙"
    assert told([entry]) == "风险：第 3 行（规模：02；kind：other）→ 橙"
