// Which of the files that somebody has chosen a message can take. The server has the last word. Pure logic.

import { sizeLabel } from "./file_words.js";

// `already` of `most` are in the message, and each may have `mostBytes`. Gives those that are taken,
// and the `problem` with the others, "" without any.
export function choose(files, { already, most, mostBytes }) {
  const problems = [];
  const fitting = [];
  for (const file of files) {
    if (file.size > mostBytes) {
      problems.push(
        `“${file.name}” is too large: ${sizeLabel(file.size)}. A file may have ${sizeLabel(mostBytes)}.`,
      );
    } else if (file.size === 0) {
      problems.push(`“${file.name}” is empty.`);
    } else {
      fitting.push(file);
    }
  }
  const taken = fitting.slice(0, Math.max(0, most - already));
  if (taken.length < fitting.length) problems.push(`A message can have at most ${most} files.`);
  return { taken, problem: problems.join(" ") };
}
