// A format is made once: making one costs far more than using it.
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

const brief = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

// Dates without a time are read as UTC midnight and shown in UTC: no zone moves them to another day.
const day = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

const valid = (date) => !Number.isNaN(date.getTime());

export const fullTime = (iso) => {
  const date = new Date(iso);
  return valid(date) ? moment.format(date) : "";
};

export const briefTime = (iso) => {
  const date = new Date(iso);
  return valid(date) ? brief.format(date) : "";
};

export const tripDates = (startsOn, endsOn) => {
  const days = [startsOn, endsOn].filter(Boolean).map((iso) => new Date(iso)).filter(valid);
  if (days.length === 0) return "";
  const [first, last = first] = days;
  return first < last ? day.formatRange(first, last) : day.format(first);
};
