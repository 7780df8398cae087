"""Every text that people read is in the catalogue, and has its English there."""

import re
from string import Formatter

import pytest
from babel.messages.catalog import Message

from tests.words import catalogue, extract
from tongxin import words
from tongxin.feel import FeelError
from tongxin.words import CHINESE, ENGLISH, _, speaking

CONTENT = {  # Chinese that is no text of ours for readers: where, and why it stands outside the catalogue
    "src/tongxin/app.py:_empty": "the platform's name in the API's description",
    "src/tongxin/calendar/days.py:_ENGLISH": "the holidays' Chinese names",
    "src/tongxin/calendar/notice.py:_APART": "how a notice is written",
    "src/tongxin/calendar/notice.py:_BRACKETS": "how a notice is written",
    "src/tongxin/calendar/notice.py:_DAY": "how a notice is written",
    "src/tongxin/calendar/notice.py:_DIGITS": "how a notice is written",
    "src/tongxin/calendar/notice.py:_HOW_MANY": "how a notice is written",
    "src/tongxin/calendar/notice.py:_MORE": "how a notice is written",
    "src/tongxin/calendar/notice.py:_NAME": "how a notice is written",
    "src/tongxin/calendar/notice.py:_NEXT": "how a notice is written",
    "src/tongxin/calendar/notice.py:_NUMBERED": "how a notice is written",
    "src/tongxin/calendar/notice.py:_OF_YEAR": "how a notice is written",
    "src/tongxin/calendar/notice.py:_SPAN": "how a notice is written",
    "src/tongxin/calendar/notice.py:_WEEK": "how a notice is written",
    "src/tongxin/calendar/notice.py:_WEEKDAY": "how a notice is written",
    "src/tongxin/calendar/notice.py:_line": "how a notice is written",
    "src/tongxin/calendar/notice.py:_paragraphs": "how a notice is written",
    "src/tongxin/calendar/notice.py:_said": "how a notice is written",
    "src/tongxin/calendar/notice.py:_says": "how a notice is written",
    "src/tongxin/calendar/notice.py:_weekday_only": "how a notice is written",
    "src/tongxin/calendar/notice.py:written": "how a notice is written",
    "src/tongxin/cases/privacy.py:_NUMERALS": "looked for in texts",
    "src/tongxin/cases/privacy.py:_SHAPES": "looked for in texts",
    "src/tongxin/cases/privacy.py:_TITLES": "looked for in texts",
    "src/tongxin/cases/save.py:_task": "a notice, made of a procedure's own words and kept",
    "src/tongxin/demo.py:PEOPLE": "the fictional city",
    "src/tongxin/demo.py:_BUILDINGS": "the fictional city",
    "src/tongxin/demo.py:_UNITS": "the fictional city",
    "src/tongxin/demo.py:load_units": "the fictional city",
    "src/tongxin/portal/plates.py:WORDS": "stands on the doors of buildings, whoever prints it",
    "src/tongxin/feel/errors.py:FeelError": "both languages side by side: feel knows no catalogue",
    "src/tongxin/feel/lexer.py:_FULL_WIDTH": "read from expressions",
    "src/tongxin/forms/widgets/about.py:About": "read from what people type",
    "src/tongxin/forms/widgets/about.py:_ABOUT": "read from what people type",
    "src/tongxin/forms/widgets/geo.py:_WRITTEN": "read from what people type",
    "src/tongxin/forms/widgets/numbers.py:Number": "read from what people type",
    "src/tongxin/forms/widgets/picks.py:YesNo": "read from what people type",
    "src/tongxin/forms/widgets/times.py:_plain": "read from what people type",
    "src/tongxin/scenarios/expectations.py:_listed": "compared with what a scenario says",
    "src/tongxin/scenarios/expectations.py:ledger_text": "compared with what a scenario says",
    "src/tongxin/scenarios/organisation.py:_posts": "read from scenarios",
    "src/tongxin/procedures/package.py:COLOURS": "values of a procedure's expression",
    "src/tongxin/cases/wording.py:_COLOURS": "the same, before their words",
    "src/tongxin/ledgers/intake.py:_Reader": "read from what people typed into a spreadsheet",
    "src/tongxin/ledgers/sheet.py:_looks": "how a spreadsheet writes about so many; its font",
    "src/tongxin/ledgers/workbook.py:_text": "read as somebody would have typed it",
    "src/tongxin/monitor/calendar_routes.py:keep_hours": "read from what people type",
    "src/tongxin/workspace/table_sent.py:_COMMAS": "read from what people type",
    "src/tongxin/workspace/table_sent.py:_YES_NO": "read from what people type",
    "src/tongxin/words.py:LANGUAGES": "a language is named in itself",
}
EXPECTED = "make words brings the catalogue up to date; the English is written into it by hand"


def told(message: Message) -> str:
    """The Chinese of a message."""
    return catalogue.text_of(message.id)


def holes(text: str) -> set[str]:
    """The {names} in a text."""
    return {name for _said, name, *_format in Formatter().parse(text) if name}


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    """What the catalogue holds."""
    return [one for one in catalogue.read() if one.id]


def test_the_catalogue_is_what_make_words_writes() -> None:
    """Nothing is missing, nothing is left over, and each text knows its files."""
    assert words.PATH.read_text() == catalogue.written(catalogue.fresh(catalogue.read())), EXPECTED


def test_everything_is_translated(messages: list[Message]) -> None:
    untold = [told(one) for one in messages if one.fuzzy or not all(one.string if one.pluralizable else [one.string])]
    assert not untold, EXPECTED


def test_nothing_in_english_is_chinese(messages: list[Message]) -> None:
    examples = re.compile("怡园小区2号楼")  # names of the demo's places stay
    english = [said for one in messages for said in (one.string if one.pluralizable else [one.string])]
    assert not [said for said in english if extract.is_chinese(examples.sub("", said))]


def test_translations_have_the_same_holes(messages: list[Message]) -> None:
    """A text for a single one need not say how many."""
    for one in messages:
        if one.pluralizable:
            single, several = one.string
            assert holes(several) == holes(told(one)), told(one)
            assert holes(single) | {"n"} == holes(told(one)), told(one)
        else:
            assert holes(one.string) == holes(told(one)), told(one)


def test_what_counts_has_two_forms(messages: list[Message]) -> None:
    assert [told(one) for one in messages if one.pluralizable != ("n" in holes(told(one)))] == []


def test_no_chinese_stands_outside_the_catalogue() -> None:
    loose = {f"{path}:{where}": text for path, found in extract.everything().items() for where, text in found.loose}
    assert {where: text for where, text in loose.items() if where not in CONTENT} == {}
    assert CONTENT.keys() - loose.keys() == set(), "no longer needed"


@pytest.mark.parametrize(
    ("read", "source", "messages", "loose"),
    [
        (extract.python, 'def f(n):\n    """中文说明"""\n    return _("有 {n} 条", n=n)', {"有 {n} 条"}, []),
        (extract.python, 'class No(Exception):\n    """不行。"""', {"不行。"}, []),
        (extract.python, 'A = {"a": N_("甲")}\ndef f(x):\n    return f"乙{x}"', {"甲"}, ["乙"]),
        (extract.python, 'def f(x):\n    return "、".join(x)', set(), ["、"]),
        (extract.template, '<p title="{{ _("甲") }}">乙</p>', {"甲"}, ['">乙</p>']),
        (extract.template, '{% set a = "甲" %}{# 乙 #}', set(), ["甲"]),
        (extract.script, 'say(_("甲" + "乙")); // 丙', {"甲乙"}, []),
        (extract.script, 'say(ok ? "甲" : `乙`);', set(), ['"甲"', "`乙`"]),
    ],
)
def test_texts_are_found(read: extract.Reader, source: str, messages: set[str], loose: list[str]) -> None:
    found = read(source, "src/tongxin/some.py")
    assert (found.messages, [text for _where, text in found.loose]) == (messages, loose)


def test_commands_speak_in_their_docstrings() -> None:
    source = '@app.command()\ndef up(a: Annotated[int, Option(help="几个。")]):\n    """启动。"""'
    assert extract.python(source, "src/tongxin/cli/some.py").messages == {"启动。", "几个。"}


def test_a_text_in_both_languages() -> None:
    assert _("还剩 {length}", length=_("{n} 小时", n=1)) == "还剩 1 小时"
    with speaking(ENGLISH):
        assert _("还剩 {length}", length=_("{n} 小时", n=1)) == "1 hour left"
        assert _("{n} 小时", n=2) == "2 hours"
        assert _("没有人翻译过的话") == "没有人翻译过的话"
        with speaking(CHINESE):
            assert _("{n} 小时", n=2) == "2 小时"


@pytest.mark.parametrize(
    ("kept", "english"),
    [
        ("没有一个条件成立，也没有默认线", "no condition is met, and there is no default flow"),
        ("Gateway_1: 没有一个条件成立，也没有默认线", "Gateway_1: no condition is met, and there is no default flow"),
        (
            "“接单”没有人可以办：怡园社区及其上级都没有“party_member”这个岗位的人。",
            "Nobody can do “接单”: Nobody holds the post “party_member” in 怡园社区 or above it.",
        ),
        (
            "Task_1: 表达式“date(x)”没有算出来：“date”算不出结果：第 1 个参数应为日期",
            "Task_1: the expression “date(x)” gave no result: 'date' failed: argument 1 must be a date",
        ),
        ("一段谁也没有写过的话", "一段谁也没有写过的话"),
        ("", ""),
    ],
)
def test_what_was_written_down_is_told_again(kept: str, english: str) -> None:
    assert words.retold(kept) == kept
    with speaking(ENGLISH):
        assert words.retold(kept) == english


def test_an_error_of_feel_is_told_in_the_readers_language() -> None:
    error = FeelError("没有“{name}”这个函数", "unknown function {name!r}", 4, name="加")
    assert words.told(error) == "没有“加”这个函数（第 5 个字符）"
    with speaking(ENGLISH):
        assert words.told(error) == "unknown function '加' (character 5)"


def test_scripts_get_their_own_texts_only() -> None:
    assert words.for_scripts("web/") == {}
    with speaking(ENGLISH):
        assert words.for_scripts("web/")["{n} 分钟"] == ("{n} minute", "{n} minutes")
        assert "缩小" in words.for_scripts("web/modeler/")
        assert "缩小" not in words.for_scripts("web/static/js/")
        assert "请先登录。" not in words.for_scripts("web/")
