import { isUuid, timestampText } from '@chronicle/seams';
import { UsageError, type OptionValues } from './command.js';

/** The text of an option, undefined when it was not given. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  if (value === '') throw new UsageError(`--${name}: expected a value, found an empty text`);
  return typeof value === 'string' ? value : undefined;
}

/** A whole number of at least `min`. */
export function integerOption(options: OptionValues, name: string, min: number): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`--${name} ${text}: expected a whole number of at least ${min}`);
}

const SECONDS_MAX = 86_400;

/** Seconds, fractions allowed, as milliseconds. */
export function secondsOption(options: OptionValues, name: string): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds <= SECONDS_MAX) return Math.round(seconds * 1000);
  throw new UsageError(`--${name} ${text}: expected a number of seconds from 0 to ${SECONDS_MAX}`);
}

/** An id in lower case. `what` names it: `ORDER_ID`. */
export function uuidArgument(text: string, what: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new UsageError(`${what} ${JSON.stringify(text)}: expected a UUID, like 0197c8a1-6f00-7000-8000-000000000001`);
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** A time with `Z` or an offset, as RFC 3339 UTC text with milliseconds (finer fractions cut off). */
export function timeOption(options: OptionValues, name: string): string | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const ms = RFC_3339.test(text) && isRealDay(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(ms)) return timestampText(ms);
  throw new UsageError(`--${name} ${text}: expected an RFC 3339 time with Z or an offset, like 2026-11-25T19:03:21Z`);
}

/** `Date.parse` takes 30 February for 1 March. */
function isRealDay(text: string): boolean {
  const midnight = `${text.slice(0, 10)}T00:00:00.000Z`;
  const ms = Date.parse(midnight);
  return !Number.isNaN(ms) && timestampText(ms) === midnight;
}
