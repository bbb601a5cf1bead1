import test from 'ava';
import type { Draft } from '../../../../src/sync/pull/destination.js';
import { fitForV1 } from '../../../../src/sync/pull/destinations/fit-v1.js';
import { headersOfChange, headersOfDraft } from '../../../../src/sync/pull/destinations/headers-v1.js';

const draft = (properties: Readonly<Record<string, string>>, more: Partial<Draft> = {}): Draft => ({
  name: 'n',
  diskFormat: 'raw',
  containerFormat: 'bare',
  minDisk: 0,
  minRam: 0,
  properties: new Map(Object.entries(properties)),
  tags: [],
  protected: false,
  ...more,
});

const PROPERTIES: readonly (readonly [
  title: string,
  properties: Readonly<Record<string, string>>,
  kept: Readonly<Record<string, string>>,
  warnings: readonly RegExp[],
])[] = [
  [
    'what fits',
    { 'org.openstack__1__os': 'x', empty: '', ü_value: 'ü' },
    { 'org.openstack__1__os': 'x', empty: '' },
    [/"ü_value".*no header/],
  ],
  ['hyphens and upper case', { 'A-b': 'x' }, { a_b: 'x' }, [/"A-b" as "a_b"/]],
  [
    'a name that is taken',
    { 'a-b': 'x', a_b: 'y' },
    { a_b: 'y' },
    [/"a-b", which is left out: its name would be that of "a_b"/],
  ],
  ['two that become one', { 'A-b': 'x', 'a-B': 'y' }, { a_b: 'x' }, [/"A-b" as/, /"a-B".*that of "a_b"/]],
  ['names that no header has', { 'a b': 'x', 'a/b': 'y', 'a:b': 'z', '': 'e' }, {}, [/"a b"/, /"a\/b"/, /"a:b"/, /""/]],
  ['values with line breaks', { a: 'x\ny', b: 'x\ry', c: 'x\0y' }, {}, [/"a".*line break/, /"b"/, /"c"/]],
  ['values with blanks around', { a: ' \tx y ' }, { a: 'x y' }, [/drops the blanks/]],
];
for (const [title, properties, kept, warnings] of PROPERTIES) {
  test(title, (t) => {
    const fitted = fitForV1(draft(properties));
    t.deepEqual(Object.fromEntries(fitted.draft.properties), kept);
    t.is(fitted.warnings.length, warnings.length, fitted.warnings.join('\n'));
    for (const [at, words] of warnings.entries()) t.regex(fitted.warnings[at] ?? '', words);
  });
}

test('tags, the name, and hiding', (t) => {
  const { draft: fitted, warnings } = fitForV1(draft({}, { name: ' two\nlines ', tags: ['a', 'b'], hidden: true }));
  t.like(fitted, { name: 'two lines', tags: [] });
  t.false('hidden' in fitted);
  t.regex(
    warnings.join('\n'),
    /keeps the name .* as "two lines"[\s\S]*no tags: "a", "b" left out[\s\S]*hides no images/,
  );
});

test('headers have no underscores, which web servers drop, and bytes of UTF-8', (t) => {
  const headers = headersOfDraft(draft({ os_distro: 'ü' }, { name: '世' }));
  t.deepEqual(
    Object.keys(headers).filter((name) => name.includes('_')),
    [],
  );
  t.is(headers['x-image-meta-property-os-distro'], '\u00c3\u00bc');
  t.is(Buffer.from(headers['x-image-meta-name'] ?? '', 'latin1').toString('utf8'), '世');
  t.like(headers, { 'x-image-meta-is-public': 'False', 'x-image-meta-protected': 'False' });
});

test('a change says what it changes, and nothing else', (t) => {
  t.deepEqual(headersOfChange({}), {});
  t.deepEqual(headersOfChange({ visibility: 'public', protected: false, minDisk: 1 }), {
    'x-image-meta-min-disk': '1',
    'x-image-meta-is-public': 'True',
    'x-image-meta-protected': 'False',
  });
  t.deepEqual(headersOfChange({ visibility: 'shared' }), { 'x-image-meta-is-public': 'False' });
  t.throws(() => headersOfChange({ visibility: 'community' }), { message: /cannot make an image community/ });
});

test('a value of nothing but blanks with a letter behind them is read in a moment, two hundred times', (t) => {
  const blanks = ' '.repeat(60_000);
  for (let times = 0; times < 200; times++) {
    const { properties } = fitForV1(draft({ a: `a${blanks}x`, b: `${blanks}b${blanks}`, c: blanks })).draft;
    t.deepEqual([properties.get('a')?.length, properties.get('b'), properties.get('c')], [60_002, 'b', '']);
  }
});
