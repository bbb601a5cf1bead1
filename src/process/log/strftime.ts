const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (n: number) => String(n).padStart(2, '0');
const dayOfYear = (d: Date) =>
  Math.round((Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) - Date.UTC(d.getFullYear(), 0, 0)) / 86_400_000);

function offset(d: Date): string {
  const minutes = -d.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

const CODES: Readonly<Record<string, (d: Date) => string>> = {
  Y: (d) => String(d.getFullYear()),
  y: (d) => two(d.getFullYear() % 100),
  m: (d) => two(d.getMonth() + 1),
  d: (d) => two(d.getDate()),
  e: (d) => String(d.getDate()).padStart(2),
  H: (d) => two(d.getHours()),
  I: (d) => two(d.getHours() % 12 || 12),
  M: (d) => two(d.getMinutes()),
  S: (d) => two(d.getSeconds()),
  f: (d) => `${String(d.getMilliseconds()).padStart(3, '0')}000`,
  p: (d) => (d.getHours() < 12 ? 'AM' : 'PM'),
  a: (d) => (DAYS[d.getDay()] ?? '').slice(0, 3),
  A: (d) => DAYS[d.getDay()] ?? '',
  b: (d) => (MONTHS[d.getMonth()] ?? '').slice(0, 3),
  B: (d) => MONTHS[d.getMonth()] ?? '',
  j: (d) => String(dayOfYear(d)).padStart(3, '0'),
  w: (d) => String(d.getDay()),
  u: (d) => String(d.getDay() || 7),
  s: (d) => String(Math.floor(d.getTime() / 1000)),
  z: offset,
  Z: (d) => /\(([A-Z]+)\)/.exec(d.toString())?.[1] ?? (d.getTimezoneOffset() === 0 ? 'UTC' : offset(d)),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

const SHORT_FORMS: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  c: '%a %b %e %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  h: '%b',
};

/**
 * A function that writes milliseconds since 1970 as local time in a strftime format. Throws Error naming a code that it does not know.
 * The text of the last second is kept, since lines come in bursts.
 */
export function strftime(format: string): (time: number) => string {
  const plain = format.replace(/%([a-zA-Z])/g, (whole: string, code: string) => SHORT_FORMS[code] ?? whole);
  const parts = [...plain.matchAll(/%(.?)|[^%]+/gs)].map(([whole, code]) => {
    if (code === undefined) return () => whole;
    const write = CODES[code];
    if (write === undefined) throw new Error(`date format ${JSON.stringify(format)}: unknown code ${whole}`);
    return write;
  });
  const fine = plain.includes('%f');
  let second = Number.NaN;
  let text = '';
  return (time) => {
    const current = fine ? time : Math.floor(time / 1000);
    if (current !== second) {
      const date = new Date(time);
      text = parts.map((part) => part(date)).join('');
      second = current;
    }
    return text;
  };
}
