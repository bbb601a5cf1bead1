import test from 'ava';
import type { Actor } from '../../src/domain/actor.js';
import type { Policy } from '../../src/domain/ports/policy.js';
import { V1_RULES } from '../../src/policy/defaults.js';
import { createPolicy } from '../../src/policy/enforce.js';
import {
  type ProtectionFormat,
  ProtectionRules,
  type ProtectionSection,
} from '../../src/policy/property-protection.js';
import { quietLog } from '../support/quiet-log.js';

const policy: Policy = createPolicy({ defaultRule: 'default', book: V1_RULES, log: quietLog() });

function actor(roles: readonly string[], serviceRoles?: readonly string[]): Actor {
  const who = { user: 'u', tenant: 't', owner: 't', isAdmin: roles.includes('admin'), readOnly: false };
  return { ...who, roles, ...(serviceRoles ? { serviceRoles } : {}) };
}

/** A section that grants all four rights alike. */
function all(expression: string, grant: string): ProtectionSection {
  return { expression, grants: { create: grant, read: grant, update: grant, delete: grant } };
}

function protections(sections: readonly ProtectionSection[], format: ProtectionFormat = 'roles') {
  return ProtectionRules.from(sections, format).with(policy);
}

const GRANTS: readonly (readonly [grant: string, allowed: readonly string[], format?: ProtectionFormat])[] = [
  ['admin', ['admin']],
  [' Admin , spl_Role,', ['admin', 'spl_role']],
  ['@', ['admin', 'member', 'spl_role']],
  ['@,admin', ['admin', 'member', 'spl_role']],
  ['!', []],
  ['admin,!', []],
  ['', []],
  [' , ', []],
  ['context_is_admin', ['admin'], 'policies'],
  ['get_images', ['admin', 'member', 'spl_role'], 'policies'],
  ['admin', ['admin'], 'policies'],
  ['@', ['admin', 'member', 'spl_role'], 'policies'],
  ['!', [], 'policies'],
  ['', [], 'policies'],
];

for (const [grant, allowed, format = 'roles'] of GRANTS) {
  test(`"${grant}" among ${format} is for ${allowed.join(', ') || 'nobody'}`, (t) => {
    const { may } = protections([all('^x$', grant)], format);
    const roles = ['admin', 'member', 'spl_role'].filter((role) => may(actor([role]), 'x', 'read'));
    t.deepEqual(roles, [...allowed]);
  });
}

test('each right is granted by itself', (t) => {
  const grants = { create: 'a', read: 'b', update: 'c', delete: 'd' };
  const { may } = protections([{ expression: 'x', grants }]);
  for (const [right, role] of Object.entries({ create: 'a', read: 'b', update: 'c', delete: 'd' } as const)) {
    const rights = (['create', 'read', 'update', 'delete'] as const).filter((each) => may(actor([role]), 'x', each));
    t.deepEqual(rights as readonly string[], [right]);
  }
});

test('the first section that matches decides, whatever later ones say', (t) => {
  const { may } = protections([all('x_foo_matcher', '!'), all('x_foo', '@'), all('.*', 'admin')]);
  t.false(may(actor(['admin']), 'x_foo_matcher', 'read'));
  t.true(may(actor([]), 'my_x_foo', 'read'));
  t.false(may(actor(['member']), 'other', 'read'));
  t.true(may(actor(['admin']), 'other', 'read'));
});

test('what no section matches is nobody’s, an administrator’s neither', (t) => {
  const { may } = protections([all('^x$', '@')]);
  t.false(may(actor(['admin']), 'y', 'read'));
  t.false(protections([]).may(actor(['admin']), 'x', 'read'));
});

test('a name longer than the registry keeps is nobody’s', (t) => {
  const { may } = protections([all('x', '@')]);
  t.true(may(actor([]), 'x'.repeat(255), 'create'));
  t.false(may(actor([]), 'x'.repeat(256), 'create'));
});

test('what the server writes for itself is not protected, and no section changes that', (t) => {
  const { may } = protections([all('os_glance_.*', '!'), all('.*', '!')]);
  t.true(may(actor([]), 'os_glance_import_task', 'read'));
  t.false(may(actor([]), 'x_os_glance', 'read'));
  t.notThrows(() => protections([all('os_glance_(', '!')]));
});

test('roles of the service that asks count, in both formats', (t) => {
  const service = actor(['member'], ['admin']);
  t.true(protections([all('x', 'admin')]).may(service, 'x', 'read'));
  t.true(protections([all('x', 'context_is_admin')], 'policies').may(service, 'x', 'read'));
  t.false(protections([all('x', 'admin')]).may(actor(['member'], ['service']), 'x', 'read'));
});

const BROKEN: readonly (readonly [section: ProtectionSection, message: string, format?: ProtectionFormat])[] = [
  [all('^x', '@,!'), `[^x] create = "@,!": '@' and '!' exclude each other`],
  [
    { expression: 'x', grants: { create: '', read: '', update: '', delete: '!, a, @' } },
    `[x] delete = "!, a, @": '@' and '!' exclude each other`,
  ],
  [all('x', 'a,b'), '[x] create = "a,b": must name one policy rule; combine rules in the policy file', 'policies'],
  [all('x(', '@'), '[x(]: the expression is no regular expression: Unterminated group'],
];

for (const [section, message, format] of BROKEN) {
  test(`a broken section is refused: ${message}`, (t) => {
    t.throws(() => protections([all('sound', '@'), section], format), { name: 'PropertyProtectionError', message });
  });
}
