import { useState } from "react";

export function Once({ when, children: [waiting, content] }) {
  const [happened, setHappened] = useState(false);
  if (when && !happened) setHappened(true);
  return happened ? content : waiting;
}
