import test from 'ava';
import type { PolicyTarget } from '../../src/domain/ports/policy.js';
import { asLookup, type PolicyCredentials, passes } from '../../src/policy/check.js';
import { parseRule } from '../../src/policy/language.js';
import { ruleText } from '../../src/policy/rule-text.js';

// What oslo.policy decides: each row was asked of the real library, for four actors (groups of digits) and four targets (digits).

const ACTORS: readonly PolicyCredentials[] = [
  {
    user_id: 'u1',
    project_id: 'p1',
    tenant: 'p1',
    roles: ['member', 'Reader'],
    service_roles: [],
    is_admin: false,
    read_only: null,
  },
  {
    user_id: 'u2',
    project_id: 'p2',
    tenant: 'p2',
    roles: ['admin'],
    service_roles: ['service'],
    is_admin: true,
    read_only: null,
  },
  { user_id: null, project_id: null, tenant: null, roles: [], service_roles: [], is_admin: false, read_only: true },
  {
    user_id: 'u1',
    project_id: 'p1',
    roles: ['member'],
    token: { project: { id: 'p1', domain: { id: 'd1' } }, methods: ['password', 'totp'] },
    groups: [{ id: 'g1' }, { id: 'g2' }],
    is_admin: false,
  },
];

const TARGETS: readonly PolicyTarget[] = [
  {
    owner: 'p1',
    user_id: 'u2',
    visibility: 'public',
    is_public: true,
    checksum: null,
    min_ram: 512,
    ratio: 1.5,
    x_state: 'locked',
    role: 'Member',
    pct: '50%',
  },
  { owner: null, visibility: 'private', is_public: false, min_ram: 0, ratio: 0.5 },
  {},
  { 'project.id': 'p1', owner: 'p2', 'a(b)': 'p1', member_id: 'p1', x_state: 'None' },
];

const NAMED: Readonly<Record<string, string>> = {
  yes: '@',
  no: '!',
  mine: 'project_id:%(owner)s',
  default: 'role:admin',
};
const rule = (name: string) => parseRule((Object.hasOwn(NAMED, name) ? NAMED[name] : undefined) ?? NAMED.default);

const TABLE: readonly (readonly [rule: unknown, decisions: string])[] = [
  ['', '1111 1111 1111 1111'],
  ['@', '1111 1111 1111 1111'],
  ['!', '0000 0000 0000 0000'],
  [[], '1111 1111 1111 1111'],
  [[[]], '0000 0000 0000 0000'],
  [[[], '@'], '1111 1111 1111 1111'],
  [['role:member'], '1111 0000 0000 1111'],
  [['role:admin', ['role:member', 'tenant:p1']], '1111 1111 0000 0000'],
  [[['role:member', 'tenant:p2']], '0000 0000 0000 0000'],
  [[['@', '!']], '0000 0000 0000 0000'],
  ['role:member', '1111 0000 0000 1111'],
  ['role:MEMBER', '1111 0000 0000 1111'],
  ['role:%(role)s', '1000 0000 0000 1000'],
  ['role:%(gone)s', '0000 0000 0000 0000'],
  ['roles:member', '1111 0000 0000 1111'],
  ['roles:MEMBER', '0000 0000 0000 0000'],
  ['roles:%(role)s', '0000 0000 0000 0000'],
  ['service_roles:service', '0000 1111 0000 0000'],
  ['rule:mine', '1000 0001 0100 1000'],
  ['rule:gone', '0000 1111 0000 0000'],
  ['rule:yes and not rule:no', '1111 1111 1111 1111'],
  ['rule:%(owner)s', '0000 1111 0000 0000'],
  ['ROLE:member', '0000 0000 0000 0000'],
  ['Rule:mine', '0000 0000 0000 0000'],
  ['project_id:%(owner)s', '1000 0001 0100 1000'],
  ['tenant:%(owner)s', '1000 0001 0100 0000'],
  ['user_id:%(user_id)s', '0000 1000 0000 0000'],
  ['user_id:u1', '1111 0000 0000 1111'],
  ['user_id:a:b', '0000 0000 0000 0000'],
  ['project_id:p%(gone)s', '0000 0000 0000 0000'],
  ['project_id:', '0000 0000 0000 0000'],
  ['unknown:p1', '0000 0000 0000 0000'],
  ['is_admin:True', '0000 1111 0000 0000'],
  ['is_admin:true', '0000 0000 0000 0000'],
  ['is_admin:%(is_public)s', '0100 1000 0100 0100'],
  ['read_only:None', '1111 1111 0000 0000'],
  ['read_only:%(checksum)s', '1000 1000 0000 0000'],
  ['user_id:%(owner)s', '0000 0000 0100 0000'],
  ['token.project.id:%(owner)s', '0000 0000 0000 1000'],
  ['token.project.domain.id:d1', '0000 0000 0000 1111'],
  ['token.methods:totp', '0000 0000 0000 1111'],
  ['groups.id:g2', '0000 0000 0000 1111'],
  ['groups.name:g2', '0000 0000 0000 0000'],
  ['token:p1', '0000 0000 0000 0000'],
  ["'public':%(visibility)s", '1000 1000 1000 1000'],
  ['"locked":%(x_state)s', '1000 1000 1000 1000'],
  ["'':%(owner)s", '0000 0000 0000 0000'],
  ["'':", '1111 1111 1111 1111'],
  ["'p1':p1", '1111 1111 1111 1111'],
  ['True:%(is_public)s', '1000 1000 1000 1000'],
  ['False:%(is_public)s', '0100 0100 0100 0100'],
  ['None:%(checksum)s', '1000 1000 1000 1000'],
  ['None:%(owner)s', '0100 0100 0100 0100'],
  ['None:%(x_state)s', '0001 0001 0001 0001'],
  ["'None':%(owner)s", '0100 0100 0100 0100'],
  ['None:None', '1111 1111 1111 1111'],
  ['512:%(min_ram)s', '1000 1000 1000 1000'],
  ['+512:%(min_ram)s', '1000 1000 1000 1000'],
  ['0:%(min_ram)s', '0100 0100 0100 0100'],
  ['-0:%(min_ram)s', '0100 0100 0100 0100'],
  ['00:%(min_ram)s', '0100 0100 0100 0100'],
  ['-512:%(min_ram)s', '0000 0000 0000 0000'],
  ['1.5:%(ratio)s', '1000 1000 1000 1000'],
  ['1.50:%(ratio)s', '1000 1000 1000 1000'],
  ['.5:%(ratio)s', '0100 0100 0100 0100'],
  ['5.:5.0', '1111 1111 1111 1111'],
  ['5.0:5', '0000 0000 0000 0000'],
  ['project_id:%(project.id)s', '0001 0000 0000 0001'],
  ['project_id:%(a(b))s', '0001 0000 0000 0001'],
  ['project_id:%(member_id)s', '0001 0000 0000 0001'],
  ["'50%':50%%", '1111 1111 1111 1111'],
  ["'50%':%(pct)s", '1000 1000 1000 1000'],
  ["'p1-public':%(owner)s-%(visibility)s", '1000 1000 1000 1000'],
  ['not role:admin', '1111 0000 1111 1111'],
  ['not not role:admin', '0000 1111 0000 0000'],
  ['NOT @ OR @', '1111 1111 1111 1111'],
  ['@ and !', '0000 0000 0000 0000'],
  ['! or @', '1111 1111 1111 1111'],
  ['@ or @ and !', '1111 1111 1111 1111'],
  ['! and @ or @', '1111 1111 1111 1111'],
  ['! and (@ or @)', '0000 0000 0000 0000'],
  ['(! and @) or @', '1111 1111 1111 1111'],
  ['not (role:admin or role:member)', '0000 0000 1111 0000'],
  ['not role:admin and role:member', '1111 0000 0000 1111'],
  ['((@))', '1111 1111 1111 1111'],
  ['( role:member )', '1111 0000 0000 1111'],
  ['role:admin or not ("locked":%(x_state)s and role:member)', '0111 1111 1111 0111'],
  ['@ or ! and ! or !', '1111 1111 1111 1111'],
  ['not ! and ! or @ and not !', '1111 1111 1111 1111'],
  ['not (not (not @ or !) and @)', '0000 0000 0000 0000'],
  ["role:member and (project_id:%(owner)s or 'public':%(visibility)s)", '1000 0000 0000 1000'],
  ['not project_id:%(gone)s', '1111 1111 1111 1111'],
  ['role:reader\tand\nrole:member', '1111 0000 0000 0000'],
];

function decisions(written: unknown): string {
  const check = parseRule(written);
  const digits = ACTORS.map((credentials) =>
    TARGETS.map((target) => (passes(check, { credentials, target: asLookup(target), rule }) ? '1' : '0')).join(''),
  );
  return digits.join(' ');
}

for (const [written, expected] of TABLE) {
  test(`${JSON.stringify(written)} decides as in oslo.policy`, (t) => {
    t.is(decisions(written), expected);
    t.is(decisions(ruleText(parseRule(written))), expected, 'and so does its text when it is read again');
  });
}

test('each row tells something, and the rows differ', (t) => {
  const kinds = new Set(TABLE.map(([, expected]) => expected));
  t.true(kinds.size > 20);
});
