// Whether a text can be sent. The server has the last word. Pure logic.

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;

// The reason why it cannot, "" when it can. `limit` counts characters.
export function problemOf(text, limit) {
  const length = [...text.trim()].length;
  if (length === 0) return "Write something first.";
  if (length > limit) {
    return `This is ${length - limit} characters too long: a message may have ${limit.toLocaleString()}.`;
  }
  if (CONTROL.test(text.replaceAll("\r", ""))) return "This text has characters that cannot be sent.";
  return "";
}
