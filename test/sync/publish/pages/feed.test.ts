import { spawnSync } from 'node:child_process';
import test from 'ava';
import { renderFeed } from '../../../../src/sync/publish/pages/feed.js';
import { anImage, aView } from '../view-factory.js';

const NASTY = `]]><x a="1">&amp;'\u0000\u0008\ud800\ufffe`;

const views = {
  plain: aView(),
  empty: aView({ images: [] }),
  nasty: aView({
    publisher: NASTY,
    images: [anImage({ name: NASTY, product: NASTY, version: NASTY, sidecar: NASTY })],
  }),
};

const idsIn = (feed: string): string[] => [...feed.matchAll(/<id>(.*?)<\/id>/g)].map(([, id = '']) => id);

test('a feed has what RFC 4287 demands of feeds and entries', (t) => {
  for (const feed of Object.values(views).map(renderFeed)) {
    const [head = '', ...entries] = feed.split('<entry>');
    for (const part of [head, ...entries]) {
      for (const element of ['title', 'id', 'updated']) {
        t.is(part.match(new RegExp(`<${element}>[^<]+</${element}>`, 'g'))?.length, 1, element);
      }
      t.regex(part, /<updated>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<\/updated>/);
      t.is(part.match(/rel="alternate"/g)?.length, 1);
    }
    t.regex(head, /<author><name>[^<]+<\/name><\/author>/);
    t.true(
      idsIn(feed).every((id) =>
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id),
      ),
    );
    t.is(new Set(idsIn(feed)).size, entries.length + 1);
  }
});

const xmllint = spawnSync('xmllint', ['--version']).error === undefined;
(xmllint ? test : test.skip)('an XML parser takes it (needs xmllint)', (t) => {
  for (const feed of Object.values(views).map(renderFeed)) {
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '-'], { input: feed, encoding: 'utf8' });
    t.is(status, 0, stderr);
  }
});

test('one entry for each version, the newest first, under ids that nothing but the version changes', (t) => {
  const old = anImage({ version: '20261001', updatedAt: new Date('2026-10-01T00:00:00Z') });
  const before = renderFeed(aView({ images: [old] }));
  const after = renderFeed(
    aView({
      images: [anImage(), { ...old, name: 'Another name' }],
      generation: 8,
      baseUrl: 'https://elsewhere.example/',
      updated: new Date('2027-01-01T00:00:00Z'),
    }),
  );
  const [feedBefore, entryBefore] = idsIn(before);
  const [feedAfter, newest, entryAfter] = idsIn(after);
  t.is(feedAfter, feedBefore);
  t.is(entryAfter, entryBefore);
  t.not(newest, entryBefore);
  t.regex(after, /<updated>2026-11-20T08:15:30Z<\/updated>/, 'the feed is as new as its newest entry');
});

test('enclosures name the files, and links only the web', (t) => {
  t.regex(
    renderFeed(aView()),
    /<link rel="enclosure" type="application\/octet-stream" length="331922133" href="https:\/\/images\.example\.org\/public\/images\/[^"]+\.qcow2\.gz"\/>/,
  );
  const feed = renderFeed(
    aView({ baseUrl: 'javascript:alert(1)//', images: [anImage({ sidecar: 'javascript:alert(1)' })] }),
  );
  for (const [, link = ''] of feed.matchAll(/href="([^"]*)"/g)) t.notRegex(link, /^javascript/);
});

test('the same view gives the same bytes', (t) => {
  t.is(renderFeed(aView()), renderFeed(aView()));
});
