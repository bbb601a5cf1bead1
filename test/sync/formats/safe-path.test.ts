import test from 'ava';
import { assertSafePath, urlOfPath } from '../../../src/sync/formats/safe-path.js';
import { refusal } from './refusal.js';

const BASE = new URL('https://mirror.example/images/');

/** A path, and its URL below the base; hostile paths are in the test of checksum files. */
const PATHS: readonly (readonly [path: string, url: string])[] = [
  ['md5sum', 'https://mirror.example/images/md5sum'],
  ['a/b.properties', 'https://mirror.example/images/a/b.properties'],
  [
    'streams/v1/com.example:released:download.json',
    'https://mirror.example/images/streams/v1/com.example:released:download.json',
  ],
  ['a b/c', 'https://mirror.example/images/a%20b/c'],
  ['a?b#c', 'https://mirror.example/images/a%3Fb%23c'],
  ['100%', 'https://mirror.example/images/100%25'],
  ['a%20b', 'https://mirror.example/images/a%2520b'],
  ['a+b~c@d=e', 'https://mirror.example/images/a+b~c@d=e'],
  ['é/日本', 'https://mirror.example/images/%C3%A9/%E6%97%A5%E6%9C%AC'],
  ['.hidden/...', 'https://mirror.example/images/.hidden/...'],
  ['a/b:c', 'https://mirror.example/images/a/b:c'],
  ['1a:b', 'https://mirror.example/images/1a%3Ab'],
];

for (const [path, url] of PATHS) {
  test(`the URL of ${path}`, (t) => {
    t.notThrows(() => assertSafePath(path));
    t.is(urlOfPath(BASE, path).href, url);
  });
}

test('the base is a folder with or without its slash, its query is not handed on', (t) => {
  for (const base of ['https://mirror.example/images', 'https://mirror.example/images/?token=x#y']) {
    t.is(urlOfPath(new URL(base), 'a').href, 'https://mirror.example/images/a');
  }
  t.is(urlOfPath(new URL('file:///srv/mirror'), 'a b').href, 'file:///srv/mirror/a%20b');
  t.is(urlOfPath(new URL('ftp://mirror.example'), 'a').href, 'ftp://mirror.example/a');
});

test('an unsafe path has no URL', (t) => {
  for (const path of ['../x', '/x', '//evil.example/x', 'https://evil.example/x', '%2e%2e/x', 'a\\..\\b', 'a\tb']) {
    refusal(t, () => urlOfPath(BASE, path), 'refused', /^the path "/);
  }
});
