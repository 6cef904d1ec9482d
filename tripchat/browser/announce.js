// Each event of the connection, as a console line for people and a CustomEvent for programs.

// `level` is "info" or "warn".
export function announce(name, line, detail = {}, level = "info") {
  console[level](`[tripchat] ${line}`, detail);
  window.dispatchEvent(new CustomEvent(`tripchat:${name}`, { detail }));
}
