import test from 'ava';
import { dayOf, lineOf, productOf, slug, stemOf } from '../../../src/sync/publish/naming.js';
import { Ledger, serialsOf } from '../../../src/sync/publish/serials.js';
import { leaving, selector } from '../../../src/sync/publish/sets.js';
import { anImage } from '../../support/image-factory.js';

test('slugs are safe on every system and never long', (t) => {
  for (const [name, expected] of [
    ['Debian 12', 'debian-12'],
    ['Ubuntu 24.04 LTS (Noble)', 'ubuntu-24.04-lts-noble'],
    ['Größe', 'große'.replace('ß', '-')],
    ['..', ''],
    ['../../etc', 'etc'],
    ['a..b', 'a.b'],
    ['日本', ''],
    [' -x- ', 'x'],
  ] as const) {
    t.is(slug(name), expected.normalize('NFKD').replace(/\p{M}/gu, ''), name);
  }
  const [a, b] = [slug(`${'x'.repeat(200)}a`), slug(`${'x'.repeat(200)}b`)];
  t.true(a.length <= 64);
  t.not(a, b);
  t.is(stemOf(''), 'image');
  t.regex(stemOf('日本'), /^image-[0-9a-f]{8}$/);
});

test('products come from common properties and what the name says beyond them', (t) => {
  const image = (name: string, properties: Record<string, string> = {}) =>
    productOf(anImage({ name, properties: new Map(Object.entries(properties)) }));
  const debian = { os_distro: 'debian', os_version: '12', architecture: 'x86_64' };
  t.deepEqual(image('Debian 12', debian), { os: 'debian', release: '12', architecture: 'amd64', variant: 'default' });
  t.is(image('debian-12-generic-amd64-20261120', debian).variant, 'generic');
  t.is(image('Debian 12 nocloud (2026-11-20)', debian).variant, 'nocloud');
  t.deepEqual(image('cirros'), { os: 'other', release: 'any', architecture: 'any', variant: 'cirros' });
  t.is(image('x', { architecture: 'AARCH64' }).architecture, 'arm64');
  t.is(image('x', { architecture: 'constructor' }).architecture, 'constructor');
  t.is(image('x', { os_distro: '../..', os_version: '/' }).os, 'other');
  t.is(image('', {}).variant, 'image');
});

test('the day of a version is that of its build, where the image says it', (t) => {
  const day = (name: string, properties: Record<string, string> = {}) =>
    dayOf(anImage({ name, properties: new Map(Object.entries(properties)), createdAt: Date.UTC(2026, 4, 3) * 1000 }));
  t.is(day('x'), '20260503');
  t.is(day('x 20261120'), '20261120');
  t.is(day('x 20261399'), '20260503');
  t.is(day('x 120261120'), '20260503');
  t.is(day('x', { image_build_date: '2026-11-19' }), '20261119');
  t.is(day('x', { version_name: '20240416_07:42' }), '20240416');
  t.is(day('x', { version_name: '20240416.1' }), '20240416');
  t.is(day('x', { image_sync_serial: '20261101.2', image_build_date: '2026-10-31' }), '20261101');
  t.is(lineOf('Debian 12 20261120.1 generic'), 'Debian 12 generic');
  t.is(lineOf('debian-bookworm-20261120_05:24'), 'debian-bookworm-');
  t.is(lineOf('Debian 12 (20261120.1)'), 'Debian 12');
});

test('serials sort by characters as they were given', (t) => {
  const serials = serialsOf('20261120');
  const given = Array.from({ length: 60 }, () => serials.next().value);
  t.deepEqual(given.slice(0, 3), ['20261120', '20261120.1', '20261120.2']);
  t.deepEqual([...given].sort(), given);
  t.is(new Set(given).size, 60);
  for (const serial of given) t.regex(serial, /^\d{8}(\.\d+)?$/);
});

test('a serial is never given to something else', (t) => {
  const now = new Date('2026-11-21T00:00:00Z');
  const ledger = new Ledger();
  t.is(ledger.claim('a', '20261120', 'one', 'x', now), '20261120');
  t.is(ledger.claim('a', '20261120', 'one', 'x', now), '20261120');
  t.is(ledger.claim('a', '20261120', 'two', 'x', now), '20261120.1');
  t.is(ledger.claim('a', '20261120', 'one', 'y', now), '20261120.2');
  t.is(ledger.claim('a', '20261120', 'one', 'x', now), '20261120.3');
  t.is(ledger.claim('b', '20261120', 'one', 'x', now), '20261120');
  const later = new Ledger(ledger.entries);
  later.forget(new Date('2027-11-21T00:00:00Z'));
  t.is(later.claim('a', '20261120', 'three', 'x', now), '20261120.4');
  later.forget(new Date('2028-11-21T00:00:00Z'));
  t.is(later.claim('a', '20261120', 'three', 'x', now), '20261120');
});

test('patterns of names are those of a shell', (t) => {
  const fits = (glob: string, name: string | null) =>
    selector({ names: [glob], tags: [], properties: {} })(anImage({ name }));
  for (const [glob, name] of [
    ['debian-*', 'debian-12'],
    ['*', ''],
    ['image?', 'image1'],
    ['[a-c]x', 'bx'],
    ['[!a-c]x', 'dx'],
    ['a.b', 'a.b'],
    ['a[', 'a['],
    ['(a|b)', '(a|b)'],
    ['*\\n', 'x\\n'],
  ] as const) {
    t.true(fits(glob, name), `${glob} ${name}`);
  }
  for (const [glob, name] of [
    ['debian-*', 'xdebian-12'],
    ['image?', 'image'],
    ['[!a-c]x', 'ax'],
    ['a.b', 'axb'],
    ['a', null],
  ] as const) {
    t.false(fits(glob, name), `${glob} ${name}`);
  }
  t.throws(() => selector({ names: ['[z-a]'], tags: [], properties: {} }), { message: /no pattern|is not a pattern/ });
});

test('versions leave by number and by age, and the newest never by age alone', (t) => {
  const age = (version: number) => version;
  t.deepEqual(leaving([1, 2, 3], {}, age), []);
  t.deepEqual(leaving([1, 2, 3], { keep: 1 }, age), [2, 3]);
  t.deepEqual(leaving([10, 20, 30], { days: 5 }, age), [20, 30]);
  t.deepEqual(leaving([1, 2, 30], { keep: 1, days: 5 }, age), [30]);
});
