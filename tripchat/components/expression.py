"""Vars written as a JavaScript expression, where Reflex has no operation for it."""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData


def expression(code: str, result: Any, *used: rx.Var) -> Any:
    """A Var of type `result`; `used` are the Vars whose names stand in the code."""
    data = VarData.merge(*(var._get_all_var_data() for var in used))
    return rx.Var(_js_expr=f"({code})", _var_type=result, _var_data=data).guess_type()
