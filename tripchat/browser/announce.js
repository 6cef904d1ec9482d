// Each event of the connection, as a console line for people and a CustomEvent for programs.

const VERBOSE = new Set(["broadcast", "ping", "pong"]);

const debugging = () => {
  try {
    return window.localStorage.getItem("tripchatDebug") === "1";
  } catch {
    return false;
  }
};

// `level` is "info" or "warn"; verbose lines show only where debugging is switched on.
export function announce(name, line, detail = {}, level = "info") {
  if (!VERBOSE.has(name) || debugging()) console[level](`[tripchat] ${line}`, detail);
  window.dispatchEvent(new CustomEvent(`tripchat:${name}`, { detail }));
}
