import test from 'ava';
import type { PolicyTarget } from '../../src/domain/ports/policy.js';
import { asLookup, type Check, type PolicyCredentials, passes } from '../../src/policy/check.js';
import { parseRule } from '../../src/policy/language.js';

const someone: PolicyCredentials = {
  user_id: 'u1',
  project_id: 'p1',
  tenant: 'p1',
  roles: ['member', 'Cloud_Reader'],
  is_admin: false,
  read_only: null,
};
const image: PolicyTarget = {
  owner: 'p1',
  user_id: 'u2',
  tenant: 'p1',
  visibility: 'public',
  is_public: true,
  checksum: null,
  min_ram: 512,
  x_state: 'locked',
  wanted_role: 'MEMBER',
  percent: '50%',
};
const named: Readonly<Record<string, Check>> = {
  yes: { is: 'always' },
  no: { is: 'never' },
  mine: parseRule('project_id:%(owner)s'),
};

function decide(rule: unknown, credentials = someone, target = image): boolean {
  return passes(parseRule(rule), {
    credentials,
    target: asLookup(target),
    rule: (name) => (Object.hasOwn(named, name) ? named[name] : undefined),
  });
}

const RULES: readonly (readonly [rule: unknown, passes: boolean])[] = [
  ['', true],
  [[], true],
  ['@', true],
  ['!', false],
  ['role:member', true],
  ['role:MEMBER', true],
  ['role:cloud_reader', true],
  ['role:admin', false],
  ['role:%(wanted_role)s', true],
  ['role:%(absent)s', false],
  ['roles:member', true],
  ['roles:admin', false],
  ['rule:yes', true],
  ['rule:no', false],
  ['rule:mine', true],
  ['rule:unheard_of', false],
  ['is_admin:False', true],
  ['is_admin:True', false],
  ['read_only:None', true],
  ['user_id:u1', true],
  ['user_id:%(user_id)s', false],
  ['project_id:%(owner)s', true],
  ['tenant:%(tenant)s', true],
  ['tenant:%(absent)s', false],
  ['unheard_of:x', false],
  ['constructor:x', false],
  ["'x':%(constructor)s", false],
  ["'public':%(visibility)s", true],
  ['"locked":%(x_state)s', true],
  ["'private':%(visibility)s", false],
  ['True:%(is_public)s', true],
  ['False:%(is_public)s', false],
  ['None:%(checksum)s', true],
  ['512:%(min_ram)s', true],
  ['513:%(min_ram)s', false],
  ["'50%':50%%", true],
  ["'public-locked':%(visibility)s-%(x_state)s", true],
  ['user_id:a:b', false],
  ['not role:admin', true],
  ['not not role:admin', false],
  ['NOT @ OR @', true],
  ['@ and !', false],
  ['! or @', true],
  ['@ or @ and !', true],
  ['! and @ or @', true],
  ['! and (@ or @)', false],
  ['(! and @) or @', true],
  ['not (role:admin or role:member)', false],
  ['not role:admin and role:member', true],
  ['((@))', true],
  ['( role:member )', true],
  ['role:admin or not ("locked":%(x_state)s and role:member)', false],
  [['role:member'], true],
  [['role:admin', 'role:member'], true],
  [[['role:admin', 'role:member']], false],
  [[['role:member', 'user_id:u1']], true],
  [[['role:admin'], ['role:member']], true],
  [[[]], false],
  [[['@', '!'], []], false],
];

for (const [rule, expected] of RULES) {
  test(`${JSON.stringify(rule)} ${expected ? 'passes' : 'fails'}`, (t) => {
    t.is(decide(rule), expected);
  });
}

const MISTAKES: readonly (readonly [rule: unknown, complaint: RegExp])[] = [
  ['  ', /nothing but white space/],
  ['admin', /"admin", which is no check/],
  [':x', /":x", which is no check/],
  ['role:a and', /ends where a check is expected/],
  ['not', /ends where a check is expected/],
  ['and role:a', /"and" where a check is expected/],
  ['role:a or or role:b', /"or" where a check is expected/],
  ['role:a role:b', /"role:b" where "and", "or" or the end/],
  ['(role:a', /a "\(" without its "\)"/],
  ['role:a)', /"\)" where "and", "or" or the end/],
  ['()', /"\)" where a check is expected/],
  ["'public:%(visibility)s", /quotes do not match/],
  ['http://127.0.0.1/%(owner)s', /http: checks are not supported/],
  ['https://127.0.0.1/', /https: checks are not supported/],
  ['user_id:50%', /"%" is followed by neither/],
  ['user_id:%(owner)d', /"%" is followed by neither/],
  ['user_id:%(owner', /"%" is followed by neither/],
  [7, /must be a text or a list/],
  [null, /must be a text or a list/],
  [{ a: 1 }, /must be a text or a list/],
  [[7], /must be a list of texts/],
  [[['role:a', ['role:b']]], /must be a list of texts/],
  [[['role:a and role:b']], /"role:a and role:b" in a list/],
];

for (const [rule, complaint] of MISTAKES) {
  test(`${JSON.stringify(rule)} is refused`, (t) => {
    t.throws(() => parseRule(rule), { name: 'RuleError', message: complaint });
  });
}
