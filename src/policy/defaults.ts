import { parseRules, type RuleBook } from './rule-book.js';

/**
 * Rules that hold where no policy file says otherwise (image-api-v1 section 5.6): everyone may do everything,
 * but for making images public, managing the cache and being an administrator.
 */
const DEFAULT_RULES = parseRules({
  default: 'role:admin',
  context_is_admin: 'role:admin',
  manage_image_cache: 'role:admin',
  publicize_image: 'role:admin',
  get_images: '',
  get_image: '',
  download_image: '',
  add_image: '',
  upload_image: '',
  copy_from: '',
  modify_image: '',
  delete_image: '',
  set_image_location: '',
  get_members: '',
  modify_member: '',
  delete_member: '',
});

/** Rules that a file changes only by naming them: its `default` rule, often an open one, must not hand out administration. */
const RESERVED_RULES: ReadonlySet<string> = new Set(['context_is_admin', 'manage_image_cache']);

export const V1_RULES: RuleBook = {
  rules: DEFAULT_RULES,
  reserved: RESERVED_RULES,
  fileDefaultDecides: true,
  impliesRoles: false,
};
