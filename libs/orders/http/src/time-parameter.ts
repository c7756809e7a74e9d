const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+\- ])(\d\d):(\d\d))$/;
const FIRST_TEXT = '0000-01-01T00:00:00.000Z';
const LAST_TEXT = '9999-12-31T23:59:59.999Z';
const MINUTE_MS = 60_000;

/**
 * The RFC 3339 UTC text with milliseconds of an RFC 3339 date and time with `Z` or an offset, or undefined when `text` is none
 * or names no real day or time (30 February, 24:00, a leap second). Finer fractions are cut off, which is exact for "not later
 * than": event times have milliseconds. A blank before the offset counts as `+`, which is what a `+` in a URL decodes to.
 * A time that an offset moves out of the years 0 to 9999 becomes the first or last one, so that texts compare like times.
 */
export function timeParameter(text: string): string | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [, day, time, fraction = '', sign, hours = '00', minutes = '00'] = match;
  const local = `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const localMs = Date.parse(local);
  // Date.parse takes 30 February for 1 March and 24:00 for the next day; then the text that comes back is another one.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  const ms = sign === '-' ? localMs + offsetMs : localMs - offsetMs;
  if (ms < Date.parse(FIRST_TEXT)) return FIRST_TEXT;
  return ms > Date.parse(LAST_TEXT) ? LAST_TEXT : new Date(ms).toISOString();
}
