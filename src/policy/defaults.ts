import { parseRules, type RuleBook } from './rule-book.js';

const RULES = {
  default: 'role:admin',
  context_is_admin: 'role:admin',
  manage_image_cache: 'role:admin',
  publicize_image: 'role:admin',
  get_images: '',
  get_image: '',
  get_members: '',
};

/** What a reader does not do in API v2. */
const MORE_THAN_READING = [
  'download_image',
  'add_image',
  'upload_image',
  'copy_from',
  'modify_image',
  'delete_image',
  'set_image_location',
  'modify_member',
  'delete_member',
];

const NO_MERE_READER = 'is_admin:True or role:admin or role:member or not role:reader';

const withThe = (rule: string) =>
  parseRules({ ...RULES, ...Object.fromEntries(MORE_THAN_READING.map((name) => [name, rule])) });

/** Rules that a file changes only by naming them: its `default` rule, often an open one, must not hand out administration. */
const RESERVED_RULES: ReadonlySet<string> = new Set(['context_is_admin', 'manage_image_cache']);

const V1: Omit<RuleBook, 'rules'> = { reserved: RESERVED_RULES, fileDefaultDecides: true, impliesRoles: false };

/**
 * Rules that hold where no policy file says otherwise (image-api-v1 section 5.6): everyone may do everything,
 * but for making images public, managing the cache and being an administrator. API v1 is older than the role of a reader:
 * who has been given that one, and neither of those above it, gets no more by v1 than by v2.
 */
export const V1_RULES: RuleBook = { ...V1, rules: withThe(NO_MERE_READER) };

/** The same with `[oslo_policy] enforce_new_defaults = False`, where readers are like everyone in v2, too. */
export const V1_LEGACY_RULES: RuleBook = { ...V1, rules: withThe('') };
