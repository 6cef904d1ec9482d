// What is said about a file: how large it is, what it is, and whether it is shown as a photo. Pure logic.

const PHOTOS = new Set(["image/jpeg", "image/png", "image/webp", "image/gif"]);
const UNITS = ["bytes", "KB", "MB", "GB"];
const LONGEST_ENDING = 5;

const LABELS = {
  "application/pdf": "PDF",
  "application/zip": "ZIP",
  "application/json": "JSON",
  "application/gpx+xml": "GPX",
  "text/plain": "Text",
  "text/csv": "CSV",
  "text/calendar": "Calendar",
  "image/heic": "HEIC",
  "video/mp4": "MP4",
  "audio/mpeg": "MP3",
};

const FAMILIES = [
  ["video", /^video\//],
  ["audio", /^audio\//],
  ["image", /^image\//],
  ["archive", /zip|x-tar|x-7z|x-rar|gzip/],
  ["sheet", /csv|spreadsheet|ms-excel/],
  ["text", /^text\/|pdf|word|opendocument|presentation|rtf/],
];

export const isPhoto = (type) => PHOTOS.has(type);

// Two figures at most, as people say it: "840 bytes", "2.4 MB", "25 MB".
export function sizeLabel(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const shown = value < 10 && unit > 1 ? Math.round(value * 10) / 10 : Math.round(value);
  return `${shown} ${UNITS[unit]}`;
}

// What kind of file it is, in a word: by its type, or by its name where that says nothing.
export function typeLabel(type, name) {
  if (LABELS[type]) return LABELS[type];
  const ending = /\.([A-Za-z0-9]+)$/.exec(name)?.[1] ?? "";
  if (ending && ending.length <= LONGEST_ENDING) return ending.toUpperCase();
  return isPhoto(type) ? "Photo" : "File";
}

// Which icon it has.
export function familyOf(type) {
  return FAMILIES.find(([, pattern]) => pattern.test(type))?.[0] ?? "other";
}

// What files say in one line, as the server does for those that are stored: "Photo", "3 photos",
// "plan.pdf", "2 files".
export function filesLine(files) {
  const noun = files.every(({ type }) => isPhoto(type)) ? "photo" : "file";
  if (files.length !== 1) return files.length ? `${files.length} ${noun}s` : "";
  return noun === "photo" ? "Photo" : files[0].name;
}
