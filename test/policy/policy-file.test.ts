import test from 'ava';
import type { Actor } from '../../src/domain/actor.js';
import { passes } from '../../src/policy/check.js';
import { V1_RULES } from '../../src/policy/defaults.js';
import { parsePolicyFile } from '../../src/policy/policy-file.js';
import { ruleLookup } from '../../src/policy/rules.js';

/** Whether somebody with these roles may perform the action under a policy file of this text. */
function mayDo(text: string, action: string, roles: Actor['roles'], defaultRule = 'default'): boolean {
  const rule = ruleLookup(V1_RULES, parsePolicyFile(text, 'policy.yaml'), defaultRule);
  const check = rule(action)?.check;
  return (
    check !== undefined &&
    passes(check, { credentials: { roles }, target: () => undefined, rule: (name) => rule(name)?.check })
  );
}

const BROKEN: readonly (readonly [what: string, text: string, complaint: RegExp])[] = [
  ['not a mapping', '- a\n- b', /^policy file p\.yaml:1: must hold a mapping/],
  ['a text', 'everything', /^policy file p\.yaml:1: must hold a mapping/],
  ['broken YAML', 'get_image: "role:a', /^policy file p\.yaml:\d+: /],
  ['an unquoted @', 'a: ""\nget_image: @', /^policy file p\.yaml:2: /],
  ['a duplicate', 'a: ""\nb: ""\na: "!"', /^policy file p\.yaml:3: rule "a" is there twice$/],
  ['a duplicate in JSON', '{"a": "",\n "a": "!"}', /^policy file p\.yaml:2: rule "a" is there twice$/],
  ['an unquoted !', 'get_image: !', /:1: rule "get_image" has no value: write "" for everyone/],
  ['no value', 'x: ""\nget_image:\ny: ""', /:2: rule "get_image" has no value/],
  ['a number for a name', '1: ""', /:1: the name of a rule must be a text/],
  ['a rule that is no rule', '\nget_image: nonsense', /:2: rule "get_image" has "nonsense", which is no check/],
  ['a number', 'get_image: 5', /rule "get_image" must be a text or a list/],
  ['a remote check', '{"a": "http://x/"}', /rule "a" has "http:\/\/x\/": http: checks are not supported/],
];

for (const [what, text, complaint] of BROKEN) {
  test(`a file with ${what} is refused`, (t) => {
    t.throws(() => parsePolicyFile(text, 'p.yaml'), {
      name: 'PolicyFileError',
      message: complaint,
    });
  });
}

const SOUND: readonly (readonly [what: string, text: string, rules: number])[] = [
  ['nothing', '', 0],
  ['comments only', '# "get_image": ""\n', 0],
  ['an empty mapping', '{}', 0],
  ['JSON with tabs', '{\n\t"a": "role:x",\n\t"b": [["@"]]\n}', 2],
  ['an anchor', 'a: &x "role:m"\nb: *x', 2],
  ['a diamond', 'a: "rule:b or rule:c"\nb: rule:d\nc: rule:d\nd: ""', 4],
];

for (const [what, text, rules] of SOUND) {
  test(`a file with ${what} is read`, (t) => {
    t.is(parsePolicyFile(text, 'p.yaml').size, rules);
  });
}

const DECISIONS: readonly (readonly [why: string, text: string, action: string, role: string, allowed: boolean])[] = [
  ['no file: open', '', 'get_images', 'member', true],
  ['no file: publishing is for admins', '', 'publicize_image', 'member', false],
  ['no file: publishing is for admins', '', 'publicize_image', 'admin', true],
  ['no file: an unknown action is for admins', '', 'unheard_of', 'member', false],
  ['no file: an unknown action is for admins', '', 'unheard_of', 'admin', true],
  ['a named action', 'get_images: role:boss', 'get_images', 'member', false],
  ['a named action', 'get_images: role:boss', 'get_images', 'boss', true],
  ['others without a default', 'get_images: role:boss', 'get_image', 'member', true],
  ['others without a default', 'get_images: role:boss', 'publicize_image', 'boss', false],
  ['others with a default', 'default: role:boss', 'get_image', 'member', false],
  ['others with a default', 'default: role:boss', 'publicize_image', 'boss', true],
  ['an open default makes nobody an admin', 'default: ""', 'context_is_admin', 'member', false],
  ['an open default leaves the cache closed', 'default: ""', 'manage_image_cache', 'member', false],
  ['named, it does', 'context_is_admin: role:boss', 'context_is_admin', 'boss', true],
  ['a reference to a built-in', 'get_images: rule:context_is_admin', 'get_images', 'admin', true],
  ['a reference to a built-in', 'get_images: rule:context_is_admin', 'get_images', 'member', false],
  ['a reference to nothing', 'get_images: rule:gone', 'get_images', 'member', false],
  ['a reference to nothing falls to the default', 'default: ""\nget_images: rule:gone', 'get_images', 'member', true],
];

for (const [why, text, action, role, allowed] of DECISIONS) {
  test(`${why}: ${action} for ${role} under ${JSON.stringify(text)}`, (t) => {
    t.is(mayDo(text, action, [role]), allowed);
  });
}

test('the default rule may have another name', (t) => {
  const text = 'default: "!"\nfallback: role:boss';
  t.true(mayDo(text, 'get_images', ['boss'], 'fallback'));
  t.false(mayDo(text, 'get_images', ['member'], 'fallback'));
});
