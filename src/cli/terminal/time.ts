/** Times for people, in the project's timezone. */

/** ISO time -> "2026-01-31 14:05:09" in the timezone; "" for nothing. */
export function localTime(iso: string | undefined, timezone: string): string {
  if (iso === undefined || iso === "") return "";
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: timezone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return parts.format(new Date(iso));
}
