"""The commands' own words, which typer takes from the code, in the language of the installation."""

from typing import Any

from tongxin.words import retold


def translate(command: Any) -> None:
    """Help and prompts of this command and of all below it, before any of them runs."""
    command.help = retold(command.help or "")
    command.short_help = retold(command.short_help or "")
    for parameter in command.params:
        for said in ("help", "prompt"):
            if getattr(parameter, said, None):
                setattr(parameter, said, retold(getattr(parameter, said)))
    for below in getattr(command, "commands", {}).values():
        translate(below)
