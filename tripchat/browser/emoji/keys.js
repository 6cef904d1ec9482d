// Where a key leads among groups of cells that stand below each other, each group in rows of
// `columns`. A place is {group, index}.

const rowStart = (index, columns) => index - (index % columns);

const next = (sizes, { group, index }) => {
  if (index + 1 < sizes[group]) return { group, index: index + 1 };
  return group + 1 < sizes.length ? { group: group + 1, index: 0 } : { group, index };
};

const previous = (sizes, { group, index }) => {
  if (index > 0) return { group, index: index - 1 };
  return group > 0 ? { group: group - 1, index: sizes[group - 1] - 1 } : { group, index };
};

// A row that is shorter than the one before is entered at its end.
const below = (sizes, { group, index }, columns) => {
  const start = rowStart(index, columns) + columns;
  if (start < sizes[group]) return { group, index: Math.min(index + columns, sizes[group] - 1) };
  if (group + 1 === sizes.length) return { group, index };
  return { group: group + 1, index: Math.min(index % columns, sizes[group + 1] - 1) };
};

// Null above the first row.
const above = (sizes, { group, index }, columns) => {
  if (index >= columns) return { group, index: index - columns };
  if (group === 0) return null;
  const last = sizes[group - 1] - 1;
  return { group: group - 1, index: Math.min(rowStart(last, columns) + (index % columns), last) };
};

const KEYS = {
  ArrowRight: next,
  ArrowLeft: previous,
  ArrowDown: below,
  ArrowUp: above,
  Home: () => ({ group: 0, index: 0 }),
  End: (sizes) => ({ group: sizes.length - 1, index: sizes.at(-1) - 1 }),
};

export const moves = (key) => Object.hasOwn(KEYS, key);

export const move = (sizes, columns, place, key) => KEYS[key](sizes, place, columns);
