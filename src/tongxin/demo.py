"""The demo organisation: a fictional city down to its buildings, with people to sign in as. Never outside a demo."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.people import accounts, directory
from tongxin.people.models import Account, Unit

PASSWORD = "tongxin-demo"


@dataclass(frozen=True, slots=True)
class Someone:
    """A fictional person: login, name, phone, and posts as role@unit code."""

    login: str
    name: str
    phone: str
    posts: tuple[str, ...]
    about: str


PEOPLE = (
    Someone("zhanglan", "张岚", "13900000001", ("community_clerk@YY",), "怡园社区工作人员：核实、代居民报事"),
    Someone("zhaoqm", "赵启明", "13900000002", ("dispatcher@YY",), "怡园社区党支部：派单"),
    Someone("lichs", "李春生", "13900000003", ("party_member@YY1",), "怡园社区第一网格党员：接单"),
    Someone("zhouyu", "周雨", "13900000004", ("party_member@YY2",), "怡园社区第二网格党员：接单"),
    Someone("qianwei", "钱卫", "13900000005", ("subdistrict_officer@BHDJ",), "滨河街道：定夺、督办"),
    Someone("sunjing", "孙静", "13900000006", ("governance_officer@BHZZ",), "滨河街道综治中心：转办答复"),
    Someone("wudi", "吴笛", "13900000007", ("community_clerk@NY", "dispatcher@NY"), "南苑社区：核实、派单"),
    Someone("zhengjie", "郑洁", "13900000008", ("party_member@NY1",), "南苑社区党员：接单"),
    Someone("linfang", "林芳", "13900000011", ("leader@YY",), "怡园社区书记：社区一级的审批"),
    Someone("chengyuan", "程远", "13900000012", ("leader@BH",), "滨河街道分管领导：审批、督办"),
    Someone("shenli", "沈立", "13900000013", ("leader@LJ",), "临江区分管领导：督办"),
    Someone("hanmei", "韩梅", "13900000014", ("grid_worker@YY",), "怡园社区网格员：走访、排查"),
    Someone("fangzm", "方正明", "13900000015", ("mediator@YY",), "怡园社区调解员"),
    Someone("yeqing", "叶青", "13900000016", ("mediator@BHZZ",), "滨河街道调解员"),
    Someone("luomin", "罗敏", "13900000017", ("governance_officer@LJZZ",), "临江区综治中心：化解上报来的纠纷"),
    Someone("gaofeng", "高峰", "13900000018", ("police_officer@BHPCS",), "滨河派出所民警"),
    Someone("xuwen", "许文", "13900000019", ("council_secretary@YY",), "怡园社区议事会秘书"),
    Someone("qingf", "秦桂芳", "13900000020", ("council_chair@YY", "council_member@YY"), "怡园社区议事会召集人"),
    Someone("luping", "陆平", "13900000021", ("council_member@YY",), "怡园社区议事会成员"),
    Someone("tangxy", "唐秀英", "13900000022", ("council_member@YY",), "怡园社区议事会成员"),
    Someone("fengjg", "冯建国", "13900000023", ("council_member@YY",), "怡园社区议事会成员"),
    Someone("dengxh", "邓晓蕙", "13900000024", ("council_member@YY",), "怡园社区议事会成员"),
    Someone("heping", "何平", "13900000010", ("process_owner@LJ",), "流程管理员：画流程、改表单、发布"),
    Someone("admin", "系统管理员", "13900000009", ("administrator@YZ",), "管理员：看全部事项"),
)

_UNITS = (
    # code, name, level, code of the unit above, kind
    ("YZ", "云州市", "city", "", "territory"),
    ("LJ", "临江区", "county", "YZ", "territory"),
    ("BH", "滨河街道", "township", "LJ", "territory"),
    ("BHDJ", "滨河街道党建办", "township", "BH", "department"),
    ("BHZZ", "滨河街道综治中心", "township", "BH", "department"),
    ("BHPCS", "滨河派出所", "township", "BH", "department"),
    ("LJZZ", "临江区综治中心", "county", "LJ", "department"),
    ("YY", "怡园社区", "community", "BH", "territory"),
    ("YY1", "怡园社区第一网格", "grid", "YY", "territory"),
    ("YY2", "怡园社区第二网格", "grid", "YY", "territory"),
    ("NY", "南苑社区", "community", "BH", "territory"),
    ("NY1", "南苑社区第一网格", "grid", "NY", "territory"),
)
_BUILDINGS = (
    # grid, compound, how many buildings
    ("YY1", "怡园小区", 6),
    ("YY2", "松鹤里", 4),
    ("NY1", "南苑新村", 5),
)


class RealPeopleHere(Exception):
    """这个数据库里已有真实账号，不能再装演示数据。请另用一个空的数据库。"""


def load(session: Session) -> bool:
    """Load organisation and people once; False when they are there already. Raises RealPeopleHere."""
    if session.exec(select(Account).where(col(Account.demo))).first() is not None:
        return False
    if session.exec(select(Account)).first() is not None or session.exec(select(Unit)).first() is not None:
        raise RealPeopleHere(RealPeopleHere.__doc__)
    units = load_units(session)
    for someone in PEOPLE:
        account = accounts.add(
            session,
            login=someone.login,
            name=someone.name,
            phone=someone.phone,
            password=PASSWORD,
            now=clock.now(),
            demo=True,
        )
        for post in someone.posts:
            role, _, code = post.partition("@")
            accounts.give_post(session, account, units[code], role, date(2020, 1, 1))
    return True


def load_units(session: Session, prefix: str = "") -> dict[str, Unit]:
    """The units alone, by code. `prefix` keeps their codes apart from those of units already there."""
    units: dict[str, Unit] = {}
    for code, name, level, above, kind in _UNITS:
        units[code] = directory.add_unit(
            session, code=prefix + code, name=name, level=level, parent=units.get(above), kind=kind
        )
    for grid, compound, number in _BUILDINGS:
        for building in range(1, number + 1):
            code = f"{grid}{building:02}"
            units[code] = directory.add_unit(
                session, code=prefix + code, name=f"{compound}{building}号楼", level="building", parent=units[grid]
            )
    return units
