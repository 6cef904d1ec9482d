// Where a popover stands: above the button that opened it, below it, or beside it where neither
// has room; always within the page. Pure logic.

const GAP = 8;

const within = (wanted, most) => Math.max(GAP, Math.min(wanted, most));

// `button` is a rectangle; `popover` and `page` are {width, height}. Gives {top, left}.
export const place = (button, popover, page) => {
  const lowest = page.height - popover.height - GAP;
  const rightmost = page.width - popover.width - GAP;
  const above = button.top - GAP - popover.height;
  const below = button.bottom + GAP;
  if (above >= GAP || below <= lowest) {
    const left = within(button.right - popover.width, rightmost);
    return { top: above >= GAP ? above : below, left };
  }
  const before = button.left - GAP - popover.width;
  const left = within(before >= GAP ? before : button.right + GAP, rightmost);
  return { top: within(button.top, lowest), left };
};
