/** A line that is written over and over while long work goes on. */
export interface ProgressBar {
  /** `total` undefined: how much there is to do is not known. */
  show(done: number, total: number | undefined, text: string): void;
  /** Takes the line away, so that other words can follow. Harmless when there is none. */
  clear(): void;
}

const REDRAW_MS = 100;
const WIDTH = 24;
const NOTHING: ProgressBar = { show() {}, clear() {} };

/** A bar on stderr where that is a terminal, else nothing. */
export function progressBar(quiet = false, stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  if (quiet || !stream.isTTY) return NOTHING;
  const started = performance.now();
  let drawn = 0;
  let shown = false;
  return {
    show(done, total, text) {
      const now = performance.now();
      if (now - drawn < REDRAW_MS) return;
      drawn = now;
      shown = true;
      const rate = done / Math.max(0.001, (now - started) / 1000);
      const line = `${barOf(done, total)}${readable(done)} ${readable(rate)}/s${left(done, total, rate)} ${plain(text)}`;
      stream.write(`\r\x1b[2K${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
    },
    clear() {
      if (shown) stream.write('\r\x1b[2K');
      shown = false;
    },
  };
}

function barOf(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return '';
  const part = Math.min(1, done / total);
  const full = Math.round(part * WIDTH);
  return `[${'='.repeat(full)}${' '.repeat(WIDTH - full)}] ${String(Math.floor(part * 100)).padStart(3)}% `;
}

function left(done: number, total: number | undefined, rate: number): string {
  if (total === undefined || rate < 1) return '';
  const seconds = Math.max(0, Math.ceil((total - done) / rate));
  return ` ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
}

function readable(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

/** Names come from strangers: what a terminal would take for a command is left out. */
function plain(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
