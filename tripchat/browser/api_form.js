import { createContext, createElement, useContext, useEffect, useId, useRef, useState } from "react";
import { useParams } from "react-router";

const FormContext = createContext({
  problem: null,
  sending: false,
  ready: false,
  accepted: false,
  errorId: "",
});

const UNREACHABLE = "TripChat can't be reached right now. Check your connection and try again.";
const UNEXPECTED = "Something went wrong on our side. Try again in a moment.";

const fieldsOf = (form) => [...form.elements].filter((element) => element.name);

/** The JSON to send: a field left empty is left out unless it is required. */
const bodyOf = (form) =>
  Object.fromEntries(
    fieldsOf(form)
      .filter((element) => element.value !== "" || element.required)
      .map((element) => [element.name, element.value]),
  );

const call = async (method, action, body) => {
  let answer;
  try {
    answer = await fetch(action, {
      method,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { problem: { detail: UNREACHABLE } };
  }
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return { content };
  return { problem: { detail: content.detail || content.title || UNEXPECTED, field: content.field } };
};

const fill = (path, values) =>
  path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ""));

/** Point at the refused field; without one, give the focus back to the button. */
const pointAt = (form, field, errorId) => {
  const element = fieldsOf(form).find((candidate) => candidate.name === field);
  element?.setAttribute("aria-invalid", "true");
  element?.setAttribute("aria-describedby", errorId);
  (element ?? form.querySelector("[type=submit]"))?.focus();
};

const unpoint = (form) => {
  for (const element of form.querySelectorAll("[aria-invalid]")) {
    element.removeAttribute("aria-invalid");
    element.removeAttribute("aria-describedby");
  }
};

export function ApiForm({ action, method, thenPost, goTo, before, after, children, ...rest }) {
  const form = useRef(null);
  const params = useParams();
  const errorId = useId();
  const [problem, setProblem] = useState(null);
  const [sending, setSending] = useState(false);
  const [ready, setReady] = useState(false);
  const [accepted, setAccepted] = useState(false);

  useEffect(() => setReady(true), []);
  useEffect(() => {
    if (problem) pointAt(form.current, problem.field, errorId);
  }, [problem, errorId]);

  const submit = async (event) => {
    event.preventDefault();
    if (sending || (before && !before())) return;
    setSending(true);
    setProblem(null);
    unpoint(form.current);
    const { content, problem: refused } = await call(
      method,
      fill(action, params),
      bodyOf(form.current),
    );
    if (refused) {
      setSending(false);
      setProblem(refused);
      return;
    }
    await after?.();
    if (!goTo) {
      setSending(false);
      setAccepted(true);
      // The dialog around it, and the menu that the dialog was opened from.
      for (const open of document.querySelectorAll(":popover-open")) open.hidePopover();
      return;
    }
    // From here on the button stays off: another page is about to replace this one.
    const second = thenPost ? await call("POST", fill(thenPost, { ...params, ...content }), {}) : {};
    // The first call cannot be taken back: should the second be refused, the page says why.
    if (second.problem || goTo === "reload") window.location.reload();
    else window.location.assign(fill(goTo, { ...params, ...content, ...second.content }));
  };

  // method=post: should the browser ever submit by itself, no password ends up in an address.
  const props = { ...rest, ref: form, method: "post", noValidate: true, onSubmit: submit };
  return createElement(
    FormContext.Provider,
    { value: { problem, sending, ready, accepted, errorId } },
    createElement("form", props, children),
  );
}

export function ApiFormError() {
  const { problem, errorId } = useContext(FormContext);
  if (!problem) return null;
  const props = { id: errorId, className: "form-error", role: "alert", "data-testid": "form-error" };
  return createElement("p", props, problem.detail);
}

/** Its first child until the form was accepted; then its second, which a screen reader tells. */
export function ApiFormParts({ children: [fields, done] }) {
  const { accepted } = useContext(FormContext);
  const place = useRef(null);
  useEffect(() => {
    if (accepted) place.current.focus();
  }, [accepted]);
  if (!accepted) return fields;
  return createElement("div", { ref: place, tabIndex: -1, role: "status", className: "form-done" }, done);
}

export function ApiFormSubmit({ children, ...rest }) {
  const { sending, ready } = useContext(FormContext);
  const props = { ...rest, type: "submit", disabled: !ready || sending, "aria-busy": sending };
  return createElement("button", props, children);
}

export function TimeZoneSelect({ initial, ...props }) {
  const [zones, setZones] = useState([]);
  const [zone, setZone] = useState("");

  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    setZones([...new Set([own, ...(initial ? [initial] : []), ...Intl.supportedValuesOf("timeZone")])].sort());
    setZone(initial || own);
  }, []);

  const options = zones.map((name) =>
    createElement("option", { key: name, value: name }, name.replaceAll("_", " ")),
  );
  const change = (event) => setZone(event.target.value);
  return createElement("select", { ...props, value: zone, onChange: change }, options);
}
