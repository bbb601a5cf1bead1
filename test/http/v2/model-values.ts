import type { Change } from '../../support/v2-model-rules.js';

const LONG = 'x'.repeat(256);
export const PROJECTS = ['pa', 'pb', 'pc'];
export const MEMBER_STATUSES = ['pending', 'accepted', 'rejected', 'all', 'no'];

/** One of them in a body makes it one to be refused. */
export const FAULTS: readonly (readonly [string, unknown])[] = [
  ['name', 5],
  ['name', LONG],
  ['visibility', 'secret'],
  ['protected', 'yes'],
  ['tags', 't'],
  ['tags', [LONG]],
  ['min_ram', '1'],
  ['disk_format', 'floppy'],
  ['container_format', 7],
  ['colour', 7],
  ['colour', null],
  ['status', 'active'],
  ['size', 3],
  ['self', '/'],
  ['deleted', 'true'],
  ['os_glance_x', 'y'],
  ['min_disk', -1],
];

/** Values that an attribute may have; the numbers are left out. */
export const GOOD: Readonly<Record<string, readonly unknown[]>> = {
  name: ['ant', 'bee', 'cat', 'Dog', null, 'ünï'],
  visibility: ['shared', 'shared', 'shared', 'shared', 'private', 'private', 'community', 'public'],
  tags: [[], ['t1'], ['t2', 't1', 't2']],
  protected: [true, false, false],
  os_hidden: [true, false, false],
  disk_format: ['raw', 'raw', 'raw', 'raw', 'qcow2', null],
  container_format: ['bare', 'bare', 'bare', 'ovf', null],
  colour: ['', 'x', 'y'],
  shape: ['', 'x', 'y'],
};
export const NAMES = [...Object.keys(GOOD), 'min_disk', 'min_ram'];

export const WRONG_CHANGES: readonly Change[] = [
  { op: 'test', path: '/name', value: 'x' },
  { op: 'add', path: 'name', value: 'x' },
  { op: 'add', path: '/a/b', value: 'x' },
  { op: 'replace', path: '/id', value: 'x' },
  { op: 'remove', path: '/checksum' },
];

/** What a list may be asked for, and what it may not. */
export const FILTERS: Readonly<Record<string, readonly string[]>> = {
  visibility: ['public', 'private', 'shared', 'community', 'all', 'secret'],
  status: ['queued', 'active', 'deactivated'],
  name: ['ant', 'bee', 'Dog', 'ünï'],
  tag: ['t1', 't2', 't3'],
  colour: ['x', 'y'],
  os_hidden: ['true', 'False', 'no'],
  protected: ['true', 'false', 'True'],
  size_min: ['1', '20'],
  container_format: ['bare', 'ovf'],
  sort: ['name:asc', 'name', 'status:desc', 'id:asc', 'created_at:asc', 'colour', 'name:up'],
  limit: ['0', '1', '3', '10', '100', '-1', 'many'],
};
