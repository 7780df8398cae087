"""Words in the reader's language, and the titles of roles that every office shares (docs/glossary.md)."""


def _(text: str, **values: object) -> str:
    """`text`, which is Chinese, in the reader's language; `{names}` in it are filled from `values`."""
    return text.format(**values) if values else text


def N_(text: str) -> str:
    """Marks a text of a table for the catalogue; whoever shows it says `_(text)`."""
    return text


_ROLES = {
    "reporter": "居民",
    "community_clerk": "社区工作人员",
    "dispatcher": "党支部派单人",
    "party_member": "党员",
    "grid_worker": "网格员",
    "grid_leader": "网格长",
    "building_head": "楼院长",
    "subdistrict_officer": "街道干部",
    "governance_officer": "综治中心",
    "process_owner": "流程管理员",
    "administrator": "系统管理员",
}


def role_title(role: str) -> str:
    """A role as people say it; one the glossary does not know is shown as it is written."""
    return _ROLES.get(role, role)
