"""A form that posts its fields as JSON to one of TripChat's HTTP calls.

Signing in sets an HttpOnly cookie, which only an HTTP answer can do; making a trip shares the way.
A refused call shows its problem where the person is looking and keeps everything that was typed;
an accepted one loads the next page in full, so that the socket opens with the new cookie, or
where nothing but the page's own data changes, closes the dialog it stands in and what that was
opened from.
"""

from typing import Any

import reflex as rx

from tripchat.browser.modules import library

_LIBRARY = library("api_form")


class ApiForm(rx.Component):
    """The form element.

    Fields are plain named inputs; one that is left empty is sent only if it is required. In the
    paths {name} stands for a parameter of the page's address, or for a value of an answer.
    """

    library = _LIBRARY
    tag = "ApiForm"

    # The path called, such as "/api/trips", and how: "POST" or "PUT".
    action: rx.Var[str]
    method: rx.Var[str]

    # Posted to afterwards, with nothing, once the first call was accepted; "" for none.
    then_post: rx.Var[str]

    # Called in the browser: `before` says whether to go on, `after` follows on success: a
    # promise that it gives is waited for.
    before: rx.Var[Any]
    after: rx.Var[Any]

    # The page to load after success: "reload", or a path; "" only closes what is open over it.
    go_to: rx.Var[str]


class ApiFormError(rx.Component):
    """Where the form tells what was refused; takes no room while all is well."""

    library = _LIBRARY
    tag = "ApiFormError"


class ApiFormSubmit(rx.Component):
    """The form's submit button, off until the page can send and while it is sending."""

    library = _LIBRARY
    tag = "ApiFormSubmit"


class ApiFormParts(rx.Component):
    """Shows its first child until the form was accepted, and its second from then on."""

    library = _LIBRARY
    tag = "ApiFormParts"


class TimeZoneSelect(rx.Component):
    """A select of the browser's time zones."""

    library = _LIBRARY
    tag = "TimeZoneSelect"

    # The one it starts at; "" for the viewer's own.
    initial: rx.Var[str]


def api_form(
    *children: Any,
    action: str,
    go_to: str = "",
    method: str = "POST",
    then_post: str = "",
    **props: Any,
) -> rx.Component:
    """A form that calls `action`, around its fields, its `api_form_error` and `api_form_submit`."""
    return ApiForm.create(
        *children, action=action, method=method, then_post=then_post, go_to=go_to, **props
    )


def api_form_error() -> rx.Component:
    """The line of the enclosing `api_form` that says what was refused."""
    return ApiFormError.create()


def api_form_submit(*children: Any, **props: Any) -> rx.Component:
    """The submit button of the enclosing `api_form`."""
    return ApiFormSubmit.create(*children, **props)


def api_form_parts(fields: rx.Component, done: rx.Component) -> rx.Component:
    """What the enclosing `api_form`, which stays on its page, shows before and after success."""
    return ApiFormParts.create(fields, done)


def time_zone_select(initial: Any = "", **props: Any) -> rx.Component:
    """A select that starts at a time zone, or at the viewer's own."""
    return TimeZoneSelect.create(initial=initial, **props)
