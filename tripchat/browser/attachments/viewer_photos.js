// The photos that a viewer goes through: all that the timeline shows, in their order. Pure logic.

export const photosOf = (rows) =>
  rows
    .filter(({ state }) => state === "sent")
    .flatMap(({ seq, attachments }) => attachments.photos.map((photo) => ({ ...photo, seq })));

// Where the photo with the id `shown` stands among them. `last` is the photo that was looked at last,
// `messageOf` gives a message by its number.
//
// A photo may leave the rows while somebody looks at it. Was its message deleted, it is gone, and
// `index` is where it would stand; did the timeline only let go of a far end, it stays.
export function withShown(photos, shown, last, messageOf) {
  const index = photos.findIndex((photo) => photo.attachment_id === shown);
  if (index >= 0) return { photos, index, isGone: false };
  if (last?.attachment_id !== shown) return { photos, index: 0, isGone: true };
  const place = photos.filter(({ seq }) => seq < last.seq).length;
  if (messageOf(last.seq)?.deleted) return { photos, index: place, isGone: true };
  return { photos: photos.toSpliced(place, 0, last), index: place, isGone: false };
}
