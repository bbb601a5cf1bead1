import test from 'ava';
import { shownUrl } from '../../src/domain/location.js';

for (const [url, shown] of [
  ['http://host/path@x?q=a@b', 'http://host/path@x?q=a@b'],
  ['http://user:secret@host/path', 'http://host/path'],
  ['https://user@host:8443/', 'https://host:8443/'],
  ['HTTP://a:b@host/', 'HTTP://host/'],
  ['http://a:b@c@host/', 'http://host/'],
  ['s3://KEY:se/cr+et@host/bucket/id', 's3://host/bucket/id'],
  ['s3+https://KEY:a@b/c@host/bucket/id', 's3+https://host/bucket/id'],
  ['swift+https://acct:user:k@y@auth/v1/c/o', 'swift+https://auth/v1/c/o'],
  ['swift+config://ref1/container/id', 'swift+config://ref1/container/id'],
  ['file:///images/a@b', 'file:///images/a@b'],
  ['nonsense', 'nonsense'],
] as const) {
  test(`${url} is shown without credentials`, (t) => {
    t.is(shownUrl({ url }), shown);
  });
}
