import { SyncError } from '../sync/sync-error.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Bytes in people's writing: `500K`, `10M`, `1.5G`, with or without `B` or `iB`. Throws SyncError usage, naming `what`. */
export function bytesOf(what: string, text: string): number {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?)\s*([KMGT]?)i?B?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit.toUpperCase()] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new SyncError('usage', `${what} must be a number of bytes, such as 500K or 10M`);
}

/** Bytes for people: `412.5 MiB`. */
export function shownBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}
