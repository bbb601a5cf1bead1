import { parseRules, type RuleBook } from './rule-book.js';

const ADMIN = 'role:admin';
const MEMBER = `${ADMIN} or (role:member and project_id:%(project_id)s)`;
const READER = `${ADMIN} or (role:reader and project_id:%(project_id)s)`;
const SHARED_WITH_ALL = "'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s";
/** Without an identity, where that is allowed: public images, to look at and to download. */
const NOBODY = "read_only:True and 'public':%(visibility)s";
const SEES = (role: string) => `${ADMIN} or (role:${role} and (project_id:%(project_id)s or ${SHARED_WITH_ALL}))`;

/** Actions of the owner's project: a member of it, or an administrator. */
const OWNERS = [
  'add_image',
  'modify_image',
  'delete_image',
  'upload_image',
  'deactivate',
  'reactivate',
  'communitize_image',
  'add_member',
  'delete_member',
  'set_image_location',
];

/** Actions of administrators. */
const ADMINS = [
  'context_is_admin',
  'publicize_image',
  'copy_image',
  'delete_image_location',
  'tasks_api_access',
  'manage_image_cache',
  'cache_image',
  'cache_list',
  'cache_delete',
  'cache_clean',
  'cache_prune',
  'list_cached_nodes',
];

const each = (names: readonly string[], rule: string) => Object.fromEntries(names.map((name) => [name, rule]));

const RULES = {
  default: '',
  get_images: `${READER} or read_only:True`,
  get_image: `${SEES('reader')} or (${NOBODY})`,
  download_image: `${SEES('member')} or (${NOBODY})`,
  download_from_store: SEES('member'),
  ...each(OWNERS, MEMBER),
  ...each(ADMINS, ADMIN),
  get_member: `${ADMIN} or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s))`,
  get_members: `${ADMIN} or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s))`,
  modify_member: `${ADMIN} or (role:member and project_id:%(member_id)s)`,
  get_image_location: READER,
  add_image_location: `role:service or ${MEMBER}`,
  fetch_image_location: `role:service or ${ADMIN}`,
  stores_info_detail: `role:service or ${ADMIN}`,
  get_task: '',
  get_tasks: '',
  add_task: '',
};

/** Rules that are the same without `enforce_new_defaults`: those of administrators but one, and those that are younger than it. */
const KEPT = [
  ...ADMINS.filter((name) => name !== 'delete_image_location'),
  'stores_info_detail',
  'add_image_location',
  'fetch_image_location',
];

/** Before `enforce_new_defaults` most actions were everybody's; who owns an image is checked all the same. */
const LEGACY_RULES = Object.fromEntries(
  Object.entries(RULES).map(([name, rule]) => [name, KEPT.includes(name) ? rule : '']),
);

const V2: Omit<RuleBook, 'rules'> = { reserved: new Set(), fileDefaultDecides: false, impliesRoles: true };

/** API v2's built-in rules (image-api-v2 section 4.1). */
export const V2_RULES: RuleBook = { ...V2, rules: parseRules(RULES) };

/** The same with `[oslo_policy] enforce_new_defaults = False`. */
export const V2_LEGACY_RULES: RuleBook = { ...V2, rules: parseRules(LEGACY_RULES) };
