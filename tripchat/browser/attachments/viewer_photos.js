// The photos that a viewer goes through: all that the timeline shows, in their order. Pure logic.

export const photosOf = (rows) =>
  rows
    .filter(({ state }) => state === "sent")
    .flatMap(({ seq, attachments }) => attachments.photos.map((photo) => ({ ...photo, seq })));

// Where the photo with the id `shown` stands among them. `last` is the {photo, index} that was looked
// at last, `messageOf` gives a message by its number.
//
// A photo may leave the rows while somebody looks at it. Was its message deleted, it is gone, and
// `index` is where it stood; did the timeline only let go of a far end, it stays.
export function withShown(photos, shown, last, messageOf) {
  const index = photos.findIndex((photo) => photo.attachment_id === shown);
  if (index >= 0) return { photos, index, isGone: false };
  const known = last?.photo.attachment_id === shown ? last : null;
  const message = known && messageOf(known.photo.seq);
  if (!known || message?.deleted) {
    return { photos, index: Math.min(known?.index ?? 0, photos.length), isGone: true };
  }
  const before = photos.filter(({ seq }) => seq < known.photo.seq);
  const after = photos.filter(({ seq }) => seq >= known.photo.seq);
  return { photos: [...before, known.photo, ...after], index: before.length, isGone: false };
}
