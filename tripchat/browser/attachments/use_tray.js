// What stands above the field of the open trip's composer, as rows.

import { useSyncExternalStore } from "react";
import { useLive } from "../live/use_live";
import { uploadRow } from "./attachment_rows";
import { uploads } from "./page_uploads";

const NOTHING = [];
let shown = { files: NOTHING, rows: NOTHING };

const rowsOf = (tripId) => {
  const files = uploads.tray(tripId);
  if (files !== shown.files) shown = { files, rows: files.map(uploadRow) };
  return shown.rows;
};

export function useTray() {
  const tripId = useLive("tripId");
  return useSyncExternalStore(uploads.subscribe, () => rowsOf(tripId), () => NOTHING);
}
