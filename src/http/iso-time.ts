import type { Microseconds } from '../domain/time.js';

const ISO =
  /^(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return zone.startsWith('-') ? -minutes : minutes;
}

/**
 * An ISO 8601 time, extended or basic, also a mere date, with or without a fraction (cut to microseconds) and an offset; without one it is UTC.
 * Undefined when it is none. Times beyond the year 2255 are exact to some microseconds only.
 */
export function parseIsoTime(text: string): Microseconds | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, year = '', month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone] = match;
  const seconds =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) / 1000;
  // Date.UTC takes 31 February for 3 March, and years below 100 for ones of the last century; a date in a calendar comes back as it went in.
  const back = new Date(seconds * 1000).toISOString();
  if (Number(hour) > 23 || !back.startsWith(`${year}-${month}-${day}T${hour}:${minute}:${second}`)) return undefined;
  return (seconds - offsetMinutes(zone) * 60) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC without a mark: API v1's form (image-api-v1 section 1.0). */
export function formatMicroseconds(time: Microseconds): string {
  const seconds = Math.floor(time / 1e6);
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${date}.${String(time - seconds * 1e6).padStart(6, '0')}`;
}

/** Texts of seconds that were shown lately: lists show the same images again and again. */
const shown = new Map<number, string>();
const MOST_SHOWN = 10_000;

/** `YYYY-MM-DDTHH:MM:SSZ`, UTC, the fraction cut off: API v2's form (image-api-v2 section 2.1). */
export function formatSeconds(time: Microseconds): string {
  const second = Math.floor(time / 1e6);
  const known = shown.get(second);
  if (known !== undefined) return known;
  const text = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
  if (shown.size >= MOST_SHOWN) shown.clear();
  shown.set(second, text);
  return text;
}
