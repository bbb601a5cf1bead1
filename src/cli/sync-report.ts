import { ACTIONS, type Action, countOf, type Outcome, type Reporter, type Result } from '../sync/pull/outcome.js';
import { shownBytes } from './byte-count.js';
import { progressBar } from './progress-bar.js';

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly dryRun: boolean;
}

/** Where lines go. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const WORDS: Readonly<Record<Action, string>> = {
  imported: 'import',
  rotated: 'rotate',
  replaced: 'replace',
  refreshed: 'refresh',
  'up-to-date': 'up to date',
  exists: 'exists',
  skipped: 'skip',
  hidden: 'hide',
  deleted: 'delete',
  waiting: 'wait',
  failed: 'FAILED',
};

/** What is said of unless somebody wants to hear everything. */
const SILENT: readonly Action[] = ['up-to-date', 'waiting', 'exists'];

/** Lines as things happen: problems to stderr, changes to stdout. */
export function lineReporter({ json, quiet, verbose, dryRun }: ReportOptions, { out, err }: Output): Reporter {
  const bar = progressBar(quiet || json);
  let brought = 0;
  return {
    progress(bytes, total) {
      brought += bytes;
      bar.show(brought, total, 'from the source');
    },
    result(result) {
      bar.clear();
      if (json) return;
      if (result.action === 'failed') return err(`${line(result)}\n`);
      if (quiet || (SILENT.includes(result.action) && !verbose)) return;
      out(`${dryRun ? 'would ' : ''}${line(result)}\n`);
    },
    warning(text) {
      bar.clear();
      err(`WARNING: ${plain(text)}\n`);
    },
  };
}

/** The last line, or the one JSON document. */
export function summary(outcome: Outcome, { json, quiet, dryRun }: ReportOptions): string {
  const { source, kind, seen, results, warnings } = outcome;
  if (json) return `${JSON.stringify({ source, kind, ...seen, dryRun, results, warnings })}\n`;
  if (quiet) return '';
  const counts = ACTIONS.flatMap((action) => {
    const count = countOf(outcome, action);
    return count === 0 ? [] : [`${count} ${action.replaceAll('-', ' ')}`];
  });
  return `${plain(source)}: ${counts.join(', ') || 'no image'}${dryRun ? ' (dry run)' : ''}\n`;
}

function line({ action, name, label, reason, size, seconds }: Result): string {
  const moved = size === undefined || seconds === undefined ? '' : `, ${shownBytes(size)} in ${seconds.toFixed(1)} s`;
  return plain(`${WORDS[action].padEnd(10)} ${name} <${label}>: ${reason}${moved}`);
}

/** Names come from strangers: what a terminal would take for a command is left out. */
function plain(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
