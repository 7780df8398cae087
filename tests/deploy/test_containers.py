"""The container files hold together. No Docker runs here: what their commands do is tried by the bundle's test."""

import re
from typing import Any

import pytest
import typer.main
from ruamel.yaml import YAML

from deploy import bundle
from tongxin import cli, config

COMPOSE = (config.PROJECT / "docker-compose.yml").read_text()
DOCKERFILE = (config.PROJECT / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load(COMPOSE)["services"]
OURS = ("migrate", "app", "worker", "portal")


def test_nothing_starts_without_its_passwords() -> None:
    used = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET))([^}]*)\}", COMPOSE)
    assert {name for name, _ in used} == {
        *("POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "PORTAL_PASSWORD", "TONGXIN_SECRET", "PORTAL_SECRET")
    }
    assert all(rest.startswith(":?") for _, rest in used)


def test_the_template_names_every_variable_and_holds_no_secret() -> None:
    lines = (config.PROJECT / "deploy/compose/env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE))
    assert asked - {"TONGXIN_DEMO"} == given.keys()
    assert not [name for name, value in given.items() if value and ("PASSWORD" in name or "SECRET" in name)]


def test_the_portal_meets_the_database_and_nobody_else_of_the_inside() -> None:
    networks = {name: set(service.get("networks", ())) for name, service in SERVICES.items()}
    assert {name for name, some in networks.items() if some & networks["portal"]} == {"portal", "database"}
    inside = YAML(typ="safe").load(COMPOSE)["networks"]
    assert inside["residents"] == inside["inside"] == {"internal": True}
    settings = SERVICES["portal"]["environment"]
    assert "tongxin_portal:" in settings["DATABASE_URL"]
    assert not re.search("OWNER_PASSWORD|APP_PASSWORD|TONGXIN_SECRET:", str(SERVICES["portal"]))
    assert "PORTAL_SECRET" in settings["TONGXIN_SECRET"]


@pytest.mark.parametrize("name", OURS)
def test_the_commands_and_settings_exist(name: str) -> None:
    service = SERVICES[name]
    command, *options = service["command"]
    group = typer.main.get_command(cli.commands)
    known = group.commands[command]  # type: ignore[attr-defined]
    assert known.make_context(command, list(options)).params is not None
    assert set(service["environment"]) <= _settings()
    assert service["read_only"] and service["cap_drop"] == ["ALL"]


def test_only_two_doors_and_both_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "gate": ["${APP_ADDRESS:-127.0.0.1:8000}:80"],
        "portal": ["${PORTAL_ADDRESS:-127.0.0.1:8001}:8000"],
    }


def test_the_image_is_made_as_the_bundle_is_installed() -> None:
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.11-slim-bookworm"}
    assert "sh /app/deploy/environment.sh /app python3" in DOCKERFILE
    assert re.search(r"^USER tongxin$", DOCKERFILE, re.MULTILINE)
    allowed = set(re.findall(r"^!(\S+)$", (config.PROJECT / ".dockerignore").read_text(), re.MULTILINE))
    assert set(bundle.FOLDERS) | {"wheels", "pyproject.toml", "requirements.lock"} <= allowed


def test_every_setting_is_explained_to_operators() -> None:
    explained = (config.PROJECT / "deploy/settings/tongxin.env").read_text()
    missing = [name for name in _settings() if not re.search(rf"^#?{name}=", explained, re.MULTILINE)]
    assert not missing


def _settings() -> set[str]:
    """Every variable that config.py reads."""
    source = (config.PROJECT / "src/tongxin/config.py").read_text()
    return set(re.findall(r'env(?:iron)?\.get\("(\w+)"', source))
