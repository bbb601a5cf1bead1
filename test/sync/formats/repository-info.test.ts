import test from 'ava';
import { parseRepositoryInfo, writeRepositoryInfo } from '../../../src/sync/formats/repository-info.js';
import { refusal } from './refusal.js';

const INFO = {
  generation: 7,
  updated: new Date('2026-11-20T10:20:30.456Z'),
  expires: new Date('2026-12-20T10:20:30Z'),
  publisher: 'Example "Images" é',
  keys: ['0123456789ABCDEF0123456789ABCDEF01234567'],
  sets: ['all', 'stable'],
};

test('repo.json as it is written', (t) => {
  const lines = [
    '{',
    ' "expires": "2026-12-20T10:20:30.000Z",',
    ' "format": "image-repo:1",',
    ' "generation": 7,',
    ' "keys": [',
    '  "0123456789ABCDEF0123456789ABCDEF01234567"',
    ' ],',
    ' "publisher": "Example \\"Images\\" é",',
    ' "sets": [',
    '  "all",',
    '  "stable"',
    ' ],',
    ' "updated": "2026-11-20T10:20:30.456Z"',
    '}',
    '',
  ];
  t.is(writeRepositoryInfo(INFO), lines.join('\n'));
  t.deepEqual(parseRepositoryInfo(writeRepositoryInfo(INFO)), INFO);
});

test('keys of later versions are passed over', (t) => {
  t.deepEqual(parseRepositoryInfo(writeRepositoryInfo(INFO).replace('{', '{"mirrors": 1,')), INFO);
});

test('what the format does not allow', (t) => {
  const written = JSON.parse(writeRepositoryInfo(INFO));
  const refused = (change: object, message: RegExp) =>
    refusal(t, () => parseRepositoryInfo(JSON.stringify({ ...written, ...change })), 'invalid', message);
  refused({ format: 'image-repo:2' }, /^"\/format" must be equal to constant$/);
  refused({ generation: '7' }, /^"\/generation" must be integer$/);
  refused({ generation: -1 }, /^"\/generation" must be >= 0$/);
  refused({ generation: 2 ** 53 }, /^"\/generation" must be <= 9007199254740991$/);
  refused({ keys: [1] }, /^"\/keys\/0" must be string$/);
  refused({ sets: undefined }, /^the document must have required property 'sets'$/);
  for (const time of [
    '',
    'soon',
    '2026-11-20',
    '2026-11-20T10:20:30',
    '2026-11-20T10:20:30+01:00',
    '2026-13-20T10:20:30Z',
  ]) {
    refused({ updated: time }, /^updated: ".*" is no time in UTC$/);
    refused({ expires: time }, /^expires: ".*" is no time in UTC$/);
  }
  refusal(t, () => parseRepositoryInfo('{'), 'invalid', /^the document is no JSON: /);
});
