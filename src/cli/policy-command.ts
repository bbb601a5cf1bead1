import { openRules, ruleBooks } from '../composition/open-policies.js';
import { openProtections } from '../composition/open-protections.js';
import { loadConfig } from '../config/load.js';
import { SAMPLE_SETTINGS } from '../config/sample.js';
import type { Log } from '../domain/ports/log.js';
import { StartupError } from '../process/startup-error.js';
import { type Arguments, helpOfFlags, parseArguments } from './arguments.js';
import { checkPolicy } from './policy-check.js';
import { listPolicies, type PolicyView } from './policy-list.js';

const VALUES = ['api', 'rule', 'user', 'project', 'roles', 'service-roles', 'image', 'member'];

const USAGE = 'usage: glimpse policy list | check --rule RULE [options] [CONFIG_FILE]';

/**
 * `glimpse policy list` prints the rules in force, `glimpse policy check` asks one of them. Writes to stdout, and resolves with the exit code:
 * 3 from `check` for a denial. Throws ConfigError, StartupError, and PolicyFileError for a policy file that the server would refuse.
 */
export async function policyCommand(argv: readonly string[]): Promise<number> {
  const [action, ...rest] = argv;
  // `--target a=b c=d` is one list, as one would write it.
  const args = parseArguments(rest.flatMap(targetWords), VALUES, ['target']);
  if (args.help || action === '--help' || action === '-h') {
    process.stdout.write(HELP);
    return 0;
  }
  if (action !== 'list' && action !== 'check') throw new StartupError(USAGE, 2);
  const { api } = args.own;
  if (api !== undefined && api !== 'v1' && api !== 'v2') throw new StartupError('--api must be v1 or v2', 2);
  const view = await readPolicies(args, api);
  for (const warning of view.warnings) process.stderr.write(`WARNING: ${warning}\n`);
  if (action === 'check') return checkPolicy(view, args);
  process.stdout.write(listPolicies(view));
  return 0;
}

function targetWords(word: string, index: number, words: readonly string[]): readonly string[] {
  const before = words.slice(0, index).findLast((other) => other.startsWith('--'));
  const follows =
    before?.startsWith('--target') === true && words[index - 1] !== '--target' && /^[^-/][^=]*=/.test(word);
  return follows ? ['--target', word] : [word];
}

async function readPolicies(args: Arguments, api: 'v1' | 'v2' | undefined): Promise<PolicyView> {
  const files = args.positionals.length > 0 ? [...(args.files ?? []), ...args.positionals] : args.files;
  const config = loadConfig({
    program: 'glance-api',
    ...(files ? { files } : {}),
    ...(args.dirs ? { dirs: args.dirs } : {}),
    builtIn: SAMPLE_SETTINGS,
    overrides: args.overrides,
    env: process.env,
    home: process.env.HOME,
    cwd: process.cwd(),
  });
  const warnings: string[] = [];
  const quiet = (): void => {};
  const log: Log = {
    debug: quiet,
    info: quiet,
    warning: (message) => warnings.push(message),
    error: quiet,
    critical: quiet,
    child: () => log,
  };
  const used = openProtections(config).policies;
  const rules = openRules(config, used, log);
  const books = ruleBooks(config);
  const apis = api === undefined ? (['v2', 'v1'] as const) : [api];
  return { config, warnings, rules, used, books: apis.map((name) => ({ api: name, book: books[name] })) };
}

const HELP = `Usage: glimpse policy list [--api v1|v2] [options] [CONFIG_FILE]
       glimpse policy check --rule RULE [who] [what] [--api v1|v2] [options] [CONFIG_FILE]

list    Print the rules in force for both APIs, each with its place: built in, or file and line.
check   Ask one rule, and print what decided. Exits with 0 when it allows, 3 when it denies.

Who:    --user ID --project ID --roles a,b --service-roles c
What:   --image ID [--member ID]    an image of the registry
        --target key=value ...      an image described by hand

Options:
${helpOfFlags()}
`;
