"""How the JavaScript beside this file gets into the page's build, and how Python refers to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base.vars import VarData
from reflex_base.vars.base import Var

FOLDER = "tripchat"


def library(name: str) -> str:
    """The import path of `name`.js in the build; `name` is its path in this folder."""
    return f"$/{FOLDER}/{name}"


def from_hook(
    call: str, module: str, result: str, var_type: Any, *, arguments: str = ""
) -> Var[Any]:
    """A Var read from a React hook: `const <result> = <call>(<arguments>)`, then its `result`.

    The hook may be used by any number of components; each that reads the Var calls it once.
    """
    name = result.partition(".")[0]
    return Var(
        _js_expr=result,
        _var_type=var_type,
        _var_data=VarData(
            imports={library(module): [rx.ImportVar(tag=call)]},
            hooks={f"const {name} = {call}({arguments})": None},
        ),
    ).guess_type()


def function(module: str, name: str) -> Var[Any]:
    """A function of one of the modules, to be handed to a component."""
    imports = {library(module): [rx.ImportVar(tag=name)]}
    return Var(_js_expr=name, _var_data=VarData(imports=imports))


class BrowserModules(rx.plugins.Plugin):
    """Copies TripChat's JavaScript modules into the build, where they may import each other."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """The modules, as (path in the build, content)."""
        folder = Path(__file__).parent
        return [
            (Path(FOLDER) / file.relative_to(folder), file.read_text())
            for file in folder.rglob("*.js")
        ]
