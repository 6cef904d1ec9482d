// Each event of the connection, as a console line for people and a CustomEvent for programs.

const isDebugging = () => {
  try {
    return import.meta.env?.DEV || window.localStorage.tripchatDebug === "1";
  } catch {
    return false;
  }
};

// `level` is "info", "warn", or "debug" for what only those see who look for something.
export function announce(name, line, detail = {}, level = "info") {
  if (level !== "debug" || isDebugging()) console[level](`[tripchat] ${line}`, detail);
  window.dispatchEvent(new CustomEvent(`tripchat:${name}`, { detail }));
}
