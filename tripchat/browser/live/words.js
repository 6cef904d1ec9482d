// Names and numbers as a person says them. Pure logic.

// "Ana", "Ana and Bo", "Ana, Bo and Cy", "Ana, Bo and 3 others".
export function listed(names, most = 3) {
  if (names.length <= 1) return names[0] ?? "";
  const shown = names.length <= most ? names.slice(0, -1) : names.slice(0, most - 1);
  const rest = names.length - shown.length;
  return `${shown.join(", ")} and ${rest === 1 ? names.at(-1) : `${rest} others`}`;
}

export function typing(names) {
  if (!names.length) return "";
  return `${listed(names)} ${names.length === 1 ? "is" : "are"} typing`;
}
