"""A procedure as written: the folder's files, and `procedure.toml` read into its parts."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from tongxin.words import _

Package = Mapping[str, str]
"""Path inside the folder (with "/") → text of the file."""

REPORTER: Final = "reporter"  # the role of a case's own resident
CASE_ENDED: Final = "platform.case_ended"  # the message that tells a waiting case of another one's end
COLOURS: Final = ("红", "橙", "黄", "蓝")  # that a case may wear in lists
PARTS = (".toml", ".json", ".bpmn", ".dmn", ".txt", ".md")
LARGEST_FILE = 2_000_000
MOST_FILES = 200
LARGEST_PROCEDURE = 200_000  # bytes of procedure.toml
LONGEST_LINE = 1_000  # of procedure.toml: a key of very many parts would take all memory to read


class Unreadable(Exception):
    """The folder is no procedure; the message says which file and why."""


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may open a case, at which level it lives, and what it is called."""

    by: list[str]
    title: str
    level: str = "community"
    each: str | None = None  # role: a timer start opens a case at every unit of the level where somebody holds it
    form: str = "start"
    about: str | None = None  # one may be opened about any case; this variable takes that case's code and title
    takes: list[str] = []  # variables that another case may begin one of these with


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit or threshold that areas may set otherwise."""

    value: Any
    title: str = ""
    help: str = ""


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of the ledger (台账); `value` is FEEL."""

    name: str
    value: str
    total: bool = False  # numbers that are added up


class Intake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How rows of a ledger kept elsewhere become cases; keys and values of `columns` are headings and variables."""

    id: str  # the heading of what tells a row from all others
    columns: dict[str, str]
    outcome: str  # id of the end event that closed rows have reached
    closed_when: str = "false"  # FEEL over the variables, and `row` with all headings
    place: str | None = None  # the heading that names a community or building
    opened_at: str | None = None
    closed_at: str | None = None
    by: list[str] | None = None  # roles that may take them in; without it those that may open one


class Emergency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to call first when it cannot wait for any procedure."""

    name: str
    numbers: list[str]
    advice: str = ""


class MessageAction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message somebody may send into a case by pressing a button."""

    name: str
    title: str
    by: Literal["reporter", "assignee"]
    form: str | None = None
    help: str = ""


class Satisfaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which values of a variable mean satisfied, which dissatisfied; all others count as neither."""

    variable: str
    satisfied: list[Any]
    dissatisfied: list[Any]


class Public(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What residents may see: the plain stages of their case, the answer, the public board."""

    board: list[str] = []  # variables that the public board shows; none: nothing of this procedure is on it
    board_text: str | None = None  # a file in texts/: what staff are offered as the result to make public
    satisfaction: Satisfaction | None = None  # how the board counts 满意率
    stages: list[str] = []
    answer: str = "null"  # FEEL: the sentence that answers the resident, once there is one
    photos: list[str] = []  # variables whose photos the case's resident may see
    rank: int = 100  # where it stands when residents choose what to report: the lowest first
    share: str | None = None  # the text to post back into a chat group, a file in texts/
    share_when: str = "false"  # FEEL: whether there is something to post back


class ProcedureFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`procedure.toml`, format 1."""

    format: Literal[1]
    key: str
    title: str
    code: str
    start: Start
    basis: str = ""
    description: str = ""
    urgent: str = "false"  # FEEL: whether the case is marked urgent wherever it is listed
    colour: str = "null"  # FEEL: one of COLOURS that the case wears wherever it is listed, or null
    parameters: dict[str, Parameter] = {}
    ledger: list[Column] = []
    emergency: list[Emergency] = []
    messages: list[MessageAction] = []
    intake: Intake | None = None
    export: list[str] | None = None  # roles that may take the ledger out; without it the working roles
    returns: list[str] = []  # variables told to a case that waits for the end of one of these
    public: Public = msgspec.field(default_factory=Public)


def read_folder(folder: Path) -> Package:
    """Every file of a procedure's folder that belongs to its definition (scenarios do not)."""
    if not (folder / "procedure.toml").is_file():
        raise Unreadable(_("{folder}：没有 procedure.toml，这里不是流程文件夹。", folder=folder))
    package = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.suffix not in PARTS or name.startswith("scenarios/"):
            continue
        if path.stat().st_size > LARGEST_FILE:
            raise Unreadable(_("{name}：文件太大，每个文件请控制在 2 MB 以内。", name=name))
        try:
            package[name] = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise Unreadable(_("{name}：不是 UTF-8 文本。请另存为 UTF-8 编码。", name=name)) from None
        if len(package) > MOST_FILES:
            raise Unreadable(_("{folder}：文件太多（超过 {most} 个）。", folder=folder, most=MOST_FILES))
    return package


def read_procedure(package: Package) -> ProcedureFile:
    """`procedure.toml` as its parts; raises Unreadable saying what is wrong where."""
    text = package.get("procedure.toml")
    if text is None:
        raise Unreadable(_("缺少 procedure.toml。"))
    if len(text) > LARGEST_PROCEDURE or any(len(line) > LONGEST_LINE for line in text.splitlines()):
        raise Unreadable(_("procedure.toml 太长：每行最多 {line} 个字符。", line=LONGEST_LINE))
    try:
        return msgspec.toml.decode(text.encode(), type=ProcedureFile)
    except RecursionError:
        raise Unreadable(_("{name}：嵌套太深。", name="procedure.toml")) from None
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable(f"procedure.toml: {error}") from None


def read_json(package: Package, name: str) -> Any:
    """One JSON file of the package; raises Unreadable."""
    try:
        return msgspec.json.decode(package[name].encode())
    except KeyError:
        raise Unreadable(_("缺少 {name}。", name=name)) from None
    except msgspec.DecodeError as error:
        raise Unreadable(_("{name}：不是有效的 JSON（{error}）。", name=name, error=error)) from None
    except RecursionError:
        raise Unreadable(_("{name}：嵌套太深。", name=name)) from None


def digest(package: Package) -> str:
    """A hash of the whole package: equal exactly when every file is."""
    return hashlib.sha256(msgspec.json.encode(sorted(package.items()))).hexdigest()


def changed_files(old: Package, new: Package) -> list[str]:
    """The files in which two packages differ, each with how."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            lines.append(_("- {name}（已删除）", name=name))
        elif name not in old:
            lines.append(_("+ {name}（新增）", name=name))
        elif old[name] != new[name]:
            lines.append(_("~ {name}（有改动）", name=name))
    return lines
