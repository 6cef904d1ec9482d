// What a browser remembers of picking emoji: the tone, and those used, by how often and how lately.

export const MOST_RECENT = 16; // two rows
const KEY = "tripchat.emoji";
const FADING = 0.9; // what a use counts for after each later one

const isUse = (use) => Array.isArray(use) && typeof use[0] === "string" && use[1] > 0;

const NOTHING = { tone: "", uses: [] };

// What storage would not take, being forbidden or full, is remembered until the page is left.
let unsaved = null;

// Other tabs use the same storage: it is read anew each time.
const read = () => {
  if (unsaved) return unsaved;
  try {
    const { tone, uses } = JSON.parse(localStorage.getItem(KEY));
    return { tone: String(tone), uses: uses.filter(isUse).slice(0, MOST_RECENT) };
  } catch {
    return NOTHING;
  }
};

const write = (memory) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(memory));
    unsaved = null;
  } catch {
    unsaved = memory;
  }
};

export const rememberedTone = () => read().tone;

export const rememberTone = (tone) => write({ ...read(), tone });

// The most used first.
export const recentEmoji = () => read().uses.map(([emoji]) => emoji);

// All uses together count for less than ten: the last one always stays among the most recent.
export const rememberUse = (emoji) => {
  const { tone, uses } = read();
  const before = uses.find(([each]) => each === emoji)?.[1] ?? 0;
  const others = uses.filter(([each]) => each !== emoji);
  const faded = [[emoji, before * FADING + 1]].concat(
    others.map(([each, weight]) => [each, weight * FADING]),
  );
  const most = faded.sort((one, other) => other[1] - one[1]).slice(0, MOST_RECENT);
  write({ tone, uses: most });
};
