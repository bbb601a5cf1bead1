import test from 'ava';
import type { Branch, SortKey } from '../../../src/domain/ports/images.js';
import { queryParameters } from '../../../src/http/request-path.js';
import { readListQuery } from '../../../src/http/v2/list-query.js';
import { ADMIN, answerOf, MEMBER } from './codec-fixtures.js';
import { LIST_LINKS, LIST_REFUSALS } from './list-answers.js';

const LIMITS = { standard: 25, most: 1000 };
const NOBODY = { ...MEMBER, owner: null, tenant: null };

const read = (query: string, actor = MEMBER) => readListQuery(queryParameters(`/v2/images?${query}`), actor, LIMITS);

const answer = (query: string) => answerOf(() => read(query), 200);

test('queries are refused as Glance does', (t) => {
  for (const [query, refusal] of LIST_REFUSALS) t.is(answer(query), refusal, query);
});

test('queries are taken that Glance takes', (t) => {
  for (const [query] of LIST_LINKS) t.is(answer(query), '200', query);
});

/** Where Glance fails with a 500, or says nothing. */
const OUR_REFUSALS: readonly (readonly [query: string, answer: string])[] = [
  ['bogus_min=1', "400 Unable to filter on a range of 'bogus': it is no number."],
  ['_max=1', "400 Unable to filter on a range of '': it is no number."],
  ['name_min=1', "400 Unable to filter on a range of 'name': it is no number."],
  ['__proto___min=1', "400 Unable to filter on a range of '__proto__': it is no number."],
  ['changes-since=', '400 The "changes-since" filter is no longer available on v2.'],
  ['visibility=', '400 Invalid visibility value: '],
  [
    'sort_key=__proto__',
    '400 Invalid sort key: __proto__. It must be one of the following: name, status, container_format, disk_format, size, id, created_at, updated_at.',
  ],
  [Array.from({ length: 101 }, (_, n) => `p${n}=x`).join('&'), '400 Unable to filter by more than 100 conditions.'],
  [Array.from({ length: 101 }, (_, n) => `tag=${n}`).join('&'), '400 Unable to filter by more than 100 conditions.'],
  [`id=in:${Array.from({ length: 5001 }, (_, n) => n).join(',')}`, '400 Unable to filter by more than 5000 values.'],
];

test('what Glance fails at is refused in words', (t) => {
  for (const [query, refusal] of OUR_REFUSALS) t.is(answer(query), refusal, query.slice(0, 80));
});

test('limits', (t) => {
  const cases: readonly (readonly [query: string, limit: number])[] = [
    ['', 25],
    ['limit=2', 2],
    ['limit=0', 0],
    ['limit=1000', 1000],
    ['limit=1001', 1000],
    ['limit=99999999999999999999', 1000],
    ['limit=1&limit=2', 2],
  ];
  for (const [query, limit] of cases) t.is(read(query).limit, limit, query);
  t.is(readListQuery([], MEMBER, { standard: 25, most: 10 }).limit, 10);
});

test('the marker is left to whoever can look it up', (t) => {
  t.is(read('').markerId, undefined);
  t.is(read('marker=').markerId, '');
  t.is(read('marker=x').markerId, 'x');
});

const asc = (field: SortKey['field']): SortKey => ({ field, direction: 'asc' });
const desc = (field: SortKey['field']): SortKey => ({ field, direction: 'desc' });

const SORTS: readonly (readonly [query: string, sort: readonly SortKey[]])[] = [
  ['', [desc('createdAt'), desc('id')]],
  ['sort=name', [desc('name'), desc('createdAt'), desc('id')]],
  ['sort=name:asc', [asc('name'), asc('createdAt'), asc('id')]],
  ['sort=name:asc,size:asc', [asc('name'), asc('size'), desc('createdAt'), desc('id')]],
  ['sort=%20name:asc%20,%20size', [asc('name'), desc('size'), desc('createdAt'), desc('id')]],
  ['sort=name%20:%20asc%20,size:%20', [asc('name'), desc('size'), desc('createdAt'), desc('id')]],
  ['sort=name:asc&sort=size:desc', [asc('name'), desc('size'), desc('createdAt'), desc('id')]],
  ['sort=size,id:asc', [desc('size'), asc('id'), desc('createdAt')]],
  ['sort=updated_at:asc,created_at:asc', [asc('updatedAt'), asc('createdAt'), desc('id')]],
  ['sort_key=status', [desc('status'), desc('createdAt'), desc('id')]],
  ['sort_dir=asc', [asc('createdAt'), asc('id')]],
  ['sort_key=name&sort_key=size&sort_dir=asc', [asc('name'), asc('size'), asc('createdAt'), asc('id')]],
  ['sort_key=name&sort_key=size', [desc('name'), desc('size'), desc('createdAt'), desc('id')]],
  [
    'sort_key=disk_format&sort_key=container_format&sort_dir=asc&sort_dir=asc',
    [asc('diskFormat'), asc('containerFormat'), desc('createdAt'), desc('id')],
  ],
];

test('both ways to sort', (t) => {
  for (const [query, sort] of SORTS) t.deepEqual(read(query).sort, sort, query);
});

const shown = (...visibilities: ('public' | 'private' | 'shared' | 'community')[]): Branch[] =>
  visibilities.map((visibility) => ({ of: 'visibility', visibility }));
const own: Branch = { of: 'owner', owner: 'pa' };
const ownShared: Branch = { ...own, visibility: 'shared' };
const accepted: Branch = { of: 'member', member: 'pa', statuses: ['accepted'] };
const pending: Branch = { of: 'member', member: 'pa', statuses: ['pending'] };
const member: Branch = { of: 'member', member: 'pa' };

test('whose images a project lists', (t) => {
  const cases: readonly (readonly [query: string, scope: readonly Branch[]])[] = [
    ['', [...shown('public'), own, accepted]],
    ['visibility=all', [...shown('public', 'community'), own, accepted]],
    ['visibility=all&member_status=pending', [...shown('public', 'community'), own, pending]],
    ['visibility=public', shown('public')],
    ['visibility=community', shown('community')],
    ['visibility=private', [{ ...own, visibility: 'private' }]],
    ['visibility=shared', [ownShared, accepted]],
    ['visibility=shared&member_status=all', [ownShared, member]],
    ['member_status=pending', [...shown('public'), own, pending]],
    ['member_status=all', [...shown('public'), own, member]],
  ];
  for (const [query, scope] of cases) t.deepEqual(read(query).scope, scope, query);
});

test('an admin lists everything but what others offer to the community', (t) => {
  const cases: readonly (readonly [query: string, scope: readonly Branch[]])[] = [
    ['', [...shown('public', 'private', 'shared'), { ...own, visibility: 'community' }]],
    ['member_status=rejected', [...shown('public', 'private', 'shared'), { ...own, visibility: 'community' }]],
    ['visibility=all', [{ of: 'everything' }]],
    ['visibility=community', shown('community')],
    ['visibility=shared&member_status=pending', shown('shared')],
    ['visibility=private', shown('private')],
  ];
  for (const [query, scope] of cases) t.deepEqual(read(query, ADMIN).scope, scope, query);
  const nobodys = read('', { ...NOBODY, isAdmin: true });
  t.deepEqual(nobodys.scope, [{ of: 'everything' }]);
  t.deepEqual(nobodys.filters.at(-1), { by: 'not-text', field: 'visibility', in: ['community'] });
});

test('who belongs to no project owns nothing and is no member', (t) => {
  t.deepEqual(read('', NOBODY).scope, shown('public'));
  t.deepEqual(read('visibility=all', NOBODY).scope, shown('public', 'community'));
  t.deepEqual(read('visibility=private', NOBODY).scope, []);
  t.deepEqual(read('visibility=shared&member_status=all', NOBODY).scope, []);
});

test('the deleted are never listed', (t) => {
  for (const query of ['', 'deleted=true', 'deleted=', 'status=deleted']) t.is(read(query, ADMIN).deleted, 'exclude');
});
