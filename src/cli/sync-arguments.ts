import { type ParseArgsConfig, parseArgs } from 'node:util';
import {
  DESTINATION_OPTIONS,
  DESTINATION_SWITCHES,
  type OptionValues,
  REPEATED_DESTINATION_OPTIONS,
} from '../sync/pull/cloud/access-options.js';
import {
  COLLISION_POLICIES,
  type CollisionPolicy,
  VISIBILITY_RULES,
  type VisibilityRule,
} from '../sync/pull/decision.js';
import { type Filter, parseFilter } from '../sync/pull/filters.js';
import { SyncError } from '../sync/sync-error.js';
import { bytesOf } from './byte-count.js';

export interface SyncArguments {
  /** As the user wrote it: a URL or a path. */
  readonly source: string;
  readonly set: string | undefined;
  readonly prefix: string;
  readonly collision: CollisionPolicy;
  readonly visibility: VisibilityRule;
  readonly filters: readonly Filter[];
  readonly max: number | undefined;
  readonly prune: boolean;
  readonly graceDays: number;
  readonly jobs: number;
  readonly bytesPerSecond: number | undefined;
  readonly maxBytes: number;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly stateDir: string | undefined;
  readonly workDir: string | undefined;
  readonly keyrings: readonly string[];
  readonly minisignKeys: readonly string[];
  readonly unsigned: boolean;
  readonly allowExpired: boolean;
  readonly maxAgeDays: number;
  readonly allowForeign: boolean;
  readonly cacert: string | undefined;
  readonly sourceInsecure: boolean;
  /** What says where images go. */
  readonly destination: OptionValues;
}

const VALUES = [
  ...['url', 'set', 'prefix', 'on-collision', 'visibility', 'max', 'grace', 'jobs', 'max-rate', 'max-size'],
  ...['max-age', 'state-dir', 'work-dir', 'source-cacert'],
];
const LISTS = ['filter', 'keyring', 'minisign-key'];
const SWITCHES = [
  ...['force', 'prune', 'dry-run', 'json', 'quiet', 'verbose', 'unsigned', 'allow-expired', 'allow-cross-origin'],
  ...['source-insecure'],
];

const TEBIBYTE = 1024 ** 4;

/** Reads the command line of image-sync; undefined for `--help` and `--version`. Throws SyncError usage. */
export function parseSyncArguments(argv: readonly string[]): SyncArguments | 'help' | 'version' {
  const { values, positionals } = parsed(argv);
  if (values.help === true || values.version === true) return values.help === true ? 'help' : 'version';
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const list = (name: string): readonly string[] => [values[name]].flat().filter((one) => typeof one === 'string');
  const given = (name: string): boolean => values[name] === true;
  const number = (name: string, least: number, most: number): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const read = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (read >= least && read <= most) return read;
    throw new SyncError('usage', `--${name} must be a whole number from ${least} to ${most}`);
  };
  const bytes = (name: string): number | undefined => {
    const value = text(name);
    return value === undefined ? undefined : bytesOf(`--${name}`, value);
  };

  const sources = [...positionals, ...(text('url') === undefined ? [] : [text('url') ?? ''])];
  const [source] = sources;
  if (source === undefined || source === '') throw new SyncError('usage', 'no source: give its URL');
  if (sources.length > 1) throw new SyncError('usage', 'more than one source: give one URL');
  if (given('force') && text('on-collision') !== undefined) {
    throw new SyncError('usage', '--force means --on-collision replace: give one of them');
  }
  if (given('quiet') && given('verbose')) throw new SyncError('usage', '--quiet and --verbose contradict each other');
  return {
    source,
    set: setName(text('set')),
    prefix: text('prefix') ?? '',
    collision: given('force') ? 'replace' : oneOf('on-collision', COLLISION_POLICIES, text('on-collision') ?? 'skip'),
    visibility: oneOf('visibility', VISIBILITY_RULES, text('visibility') ?? 'keep'),
    filters: list('filter').map(parseFilter),
    max: number('max', 1, 1_000_000),
    prune: given('prune'),
    graceDays: number('grace', 0, 36_500) ?? 7,
    jobs: number('jobs', 1, 64) ?? 2,
    bytesPerSecond: bytes('max-rate'),
    maxBytes: bytes('max-size') ?? TEBIBYTE,
    dryRun: given('dry-run'),
    json: given('json'),
    quiet: given('quiet'),
    verbose: given('verbose'),
    stateDir: text('state-dir'),
    workDir: text('work-dir'),
    keyrings: list('keyring'),
    minisignKeys: list('minisign-key'),
    unsigned: given('unsigned'),
    allowExpired: given('allow-expired'),
    maxAgeDays: number('max-age', 1, 36_500) ?? 30,
    allowForeign: given('allow-cross-origin'),
    cacert: text('source-cacert'),
    sourceInsecure: given('source-insecure'),
    destination: values,
  };
}

function parsed(argv: readonly string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const name of [...VALUES, ...DESTINATION_OPTIONS]) options[name] = { type: 'string' };
  for (const name of [...LISTS, ...REPEATED_DESTINATION_OPTIONS]) options[name] = { type: 'string', multiple: true };
  for (const name of [...SWITCHES, ...DESTINATION_SWITCHES, 'version']) options[name] = { type: 'boolean' };
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SyncError('usage', message.replace(/\. To specify a positional[\s\S]*$/, ''));
  }
}

function oneOf<T extends string>(name: string, known: readonly T[], text: string): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new SyncError('usage', `--${name} must be one of ${known.join(', ')}`);
  return found;
}

function setName(name: string | undefined): string | undefined {
  if (name === undefined || /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw new SyncError('usage', '--set must be the name of a set: letters, digits, dots, hyphens and underscores');
}
