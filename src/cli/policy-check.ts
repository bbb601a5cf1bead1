import { toActor } from '../auth/identity.js';
import { ruleBooks } from '../composition/open-policies.js';
import { viewerOf } from '../domain/access.js';
import type { Actor } from '../domain/actor.js';
import { isRegistryError } from '../domain/errors.js';
import type { Image } from '../domain/image.js';
import { nearest } from '../domain/nearest.js';
import type { Log } from '../domain/ports/log.js';
import type { PolicyTarget } from '../domain/ports/policy.js';
import { policyTarget } from '../http/v1/find-image.js';
import { imageTarget } from '../http/v2/access.js';
import { passes } from '../policy/check.js';
import { readCredentials } from '../policy/credentials.js';
import { lookupIn, policyOf } from '../policy/enforce.js';
import { explain, placeText } from '../policy/explain.js';
import type { RuleBook } from '../policy/rule-book.js';
import { ruleText } from '../policy/rule-text.js';
import { createLog } from '../process/log.js';
import { monotonicClock } from '../process/monotonic-clock.js';
import { StartupError } from '../process/startup-error.js';
import type { Arguments } from './arguments.js';
import { type PolicyView, ruleNames } from './policy-list.js';

/** Asks one rule of each API that knows it, and prints what decided. Resolves with 0 when all of them allow, else 3. Throws StartupError. */
export async function checkPolicy(view: PolicyView, args: Arguments): Promise<number> {
  const { rule } = args.own;
  if (rule === undefined) throw new StartupError('policy check needs --rule', 2);
  const books = view.books.filter(({ book }) => ruleNames(view, book).includes(rule));
  if (books.length === 0) throw new StartupError(unknownRule(rule, view), 2);
  const found = args.own.image === undefined ? undefined : await findImage(view, args.own.image);
  let denied = false;
  for (const { api, book } of books) {
    const actor = actorOf(view, args);
    const { text, allowed } = ask(view, { api, book, rule, actor, target: targetOf(api, found, args) });
    denied ||= !allowed;
    process.stdout.write(`${text}${found === undefined ? '' : visibility(found, actor)}\n`);
  }
  return denied ? 3 : 0;
}

interface Question {
  readonly api: 'v1' | 'v2';
  readonly book: RuleBook;
  readonly rule: string;
  readonly actor: Actor;
  readonly target: PolicyTarget;
}

function ask(view: PolicyView, { api, book, rule, actor, target }: Question): { text: string; allowed: boolean } {
  const placed = view.rules.current(book);
  const decides = placed(rule);
  if (decides === undefined) return { text: `API ${api}: ${rule} is denied: there is no such rule\n`, allowed: false };
  const credentials = readCredentials(actor, book.impliesRoles);
  const context = { credentials, target: lookupIn(target), placed, rule: (name: string) => placed(name)?.check };
  const allowed = passes(decides.check, context);
  const head = `API ${api}: ${rule} is ${allowed ? 'allowed' : 'denied'}\n`;
  const why = `decided by ${placeText(decides, rule)}: ${ruleText(decides.check)}\n`;
  return { text: `${head}${why}${explain(decides.check, context).join('\n')}\n`, allowed };
}

function unknownRule(rule: string, view: PolicyView): string {
  const better = nearest(
    rule,
    view.books.flatMap(({ book }) => ruleNames(view, book)),
  );
  return `there is no rule "${rule}"${better === undefined ? '' : `; did you mean "${better}"?`}`;
}

function actorOf(view: PolicyView, { own }: Arguments): Actor {
  const { admin_role: adminRole, owner_is_tenant: ownerIsTenant } = view.config.values.DEFAULT;
  // Who is an administrator, the rules of API v1 say for both.
  const policy = policyOf(view.rules, ruleBooks(view.config).v1);
  const identity = {
    user: own.user ?? null,
    tenant: own.project ?? null,
    roles: (own.roles ?? '').split(','),
    serviceRoles: (own['service-roles'] ?? '').split(','),
  };
  return toActor(identity, { adminRole, ownerIsTenant, policy });
}

function targetOf(api: 'v1' | 'v2', image: Image | undefined, { own, lists }: Arguments): PolicyTarget {
  const given = lists.target ?? [];
  const pairs = given.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new StartupError(`--target ${pair}: must read key=value`, 2);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  const fields = new Map([...pairs, ...(own.member === undefined ? [] : [['member_id', own.member] as const])]);
  const ofImage = image === undefined ? undefined : lookupOf(api, image);
  return (field) => fields.get(field) ?? ofImage?.(field);
}

function lookupOf(api: 'v1' | 'v2', image: Image): ReturnType<typeof lookupIn> {
  return lookupIn(api === 'v1' ? policyTarget(image) : imageTarget(image));
}

async function findImage({ config }: PolicyView, id: string): Promise<Image> {
  const { openRegistry } = await import('../registry/open.js');
  const options = {
    ...config.values.DEFAULT,
    log_config_append: null,
    log_file: null,
    log_dir: null,
    use_syslog: false,
  };
  const logging = createLog(options, 'glimpse-policy', 2);
  const log: Log = logging.log.child('registry');
  try {
    // Looking must not change anything, the schema least of all.
    const values = { ...config.values, glimpse: { ...config.values.glimpse, auto_migrate: false } };
    const registry = await openRegistry(values, monotonicClock(), log);
    try {
      return await registry.images.get(id, { kind: 'admin', seesDeleted: true });
    } finally {
      await registry.close();
    }
  } catch (error) {
    if (isRegistryError(error, 'not-found')) throw new StartupError(`there is no image ${id}`, 1, { cause: error });
    throw error;
  } finally {
    await logging.close();
  }
}

/** What the rule does not know: whether the actor finds the image at all. */
function visibility(image: Image, actor: Actor): string {
  const viewer = viewerOf(actor, false);
  if (viewer.kind !== 'tenant' || viewer.owner === image.owner || image.owner === null) return '';
  if (image.visibility === 'public' || image.visibility === 'community') return '';
  const shared = image.visibility === 'shared' ? ', unless it is shared with that project' : '';
  return `The image is ${image.visibility} and another project's: the actor does not find it (404)${shared}, whatever the rule says.\n`;
}
