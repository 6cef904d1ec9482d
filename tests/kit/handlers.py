"""Every event handler that the app has."""

import importlib
import pkgutil
from collections.abc import Iterator

import reflex as rx
from reflex.state import BaseState

import tripchat.state


def handlers() -> Iterator[tuple[str, list[str]]]:
    """Every event handler of the app, by full name, with its arguments' names."""
    for module in pkgutil.iter_modules(tripchat.state.__path__):
        importlib.import_module(f"tripchat.state.{module.name}")
    todo: list[type[BaseState]] = [rx.State]
    while todo:
        state = todo.pop()
        todo.extend(state.get_substates())
        for name, handler in state.event_handlers.items():
            arguments = handler.fn.__code__.co_varnames[1 : handler.fn.__code__.co_argcount]
            yield f"{state.get_full_name()}.{name}", list(arguments)
