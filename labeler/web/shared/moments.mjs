/* Moments in the zone of the reader. The server writes them in UTC and says so; here each is written again as the
   browser
   knows it, in the same order of day, month and time. Pointing at one shows its zone. */

const PARTS = {
  time: { hour: "2-digit", minute: "2-digit" },
  date: { day: "numeric", month: "short", year: "numeric" },
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  medium: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
};
const LANGUAGES = { en: "en-GB" }; // day before month, hours up to 24, as the server writes them

export function write_moments(root, { language, timeZone } = {}) {
  const locale = LANGUAGES[language] ?? language ?? undefined;
  for (const time of root.querySelectorAll("time[data-moment]")) {
    const at = new Date(time.dateTime);
    const parts = PARTS[time.dataset.moment];
    if (Number.isNaN(at.getTime()) || !parts) continue;
    const written = new Intl.DateTimeFormat(locale, { ...parts, hourCycle: "h23", timeZone }).format(at);
    const zone = new Intl.DateTimeFormat(locale, { timeZone, hour: "numeric", timeZoneName: "short" }).formatToParts(
      at,
    );
    time.textContent = written;
    time.title = zone.find(({ type }) => type === "timeZoneName")?.value ?? "";
  }
}

write_moments(document, { language: document.documentElement.lang });
