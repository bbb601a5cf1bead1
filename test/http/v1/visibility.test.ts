import test from 'ava';
import type { V1Client } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const ids = new Map<string, string>();
const { admin } = useServer(
  { DEFAULT: { allow_anonymous_access: true } },
  {
    policy: {},
    async prepare(client) {
      const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
        mine: { owner: 'a' },
        open: { owner: 'a', is_public: 'True' },
        shared: { owner: 'b' },
        passed: { owner: 'b' },
        theirs: { owner: 'b' },
        nobodys: { owner: '' },
      };
      for (const [name, meta] of Object.entries(fields)) {
        const headers = Object.entries({ name, ...meta }).map(([field, value]) => [`x-image-meta-${field}`, value]);
        ids.set(name, (await client.create(Object.fromEntries(headers), name)).id);
      }
      await client.send('PUT', `/v1/images/${ids.get('shared')}/members/a`);
      await client.send('PUT', `/v1/images/${ids.get('passed')}/members/c`);
    },
  },
);

const ALL = ['mine', 'nobodys', 'open', 'passed', 'shared', 'theirs'];
const CLOSED = ALL.filter((name) => name !== 'open');

interface Eyes {
  readonly token: string | undefined;
  /** Images that can be looked at by id. */
  readonly sees: readonly string[];
  /** What is listed, by the value of is_public; '' is none. */
  readonly lists: Readonly<Record<'' | 'True' | 'False' | 'None', readonly string[]>>;
}

function always(names: readonly string[]): Eyes['lists'] {
  return { '': names, True: names, False: names, None: names };
}

/** Sections 4 and 5.2 of image-api-v1: lists ignore is_public but for admins, and leave out what is merely visible. */
const ACTORS: Readonly<Record<string, Eyes>> = {
  'the owner': {
    token: 'u:a:member',
    sees: ['mine', 'nobodys', 'open', 'shared'],
    lists: always(['mine', 'open', 'shared']),
  },
  'another tenant': {
    token: 'u:c:member',
    sees: ['nobodys', 'open', 'passed'],
    lists: always(['open', 'passed']),
  },
  'a stranger': { token: 'u:d:other', sees: ['nobodys', 'open'], lists: always(['open']) },
  'a user without a tenant': { token: 'u:none:member', sees: ['nobodys', 'open'], lists: always(['open']) },
  'nobody in particular': { token: undefined, sees: ['open'], lists: always(['open']) },
  'an admin with a tenant': {
    token: 'u:b:admin',
    sees: ALL,
    lists: {
      '': ['open', 'passed', 'shared', 'theirs'],
      True: ['open', 'passed', 'shared', 'theirs'],
      False: CLOSED,
      None: ALL,
    },
  },
  'an admin without a tenant': {
    token: 'u:none:Admin',
    sees: ALL,
    lists: { '': ['open', 'passed', 'shared'], True: ['open', 'passed', 'shared'], False: CLOSED, None: ALL },
  },
};

async function seen(client: V1Client): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of ALL) {
    const path = `/v1/images/${ids.get(name)}`;
    const [head, show] = [await client.send('HEAD', path), await client.send('GET', path)];
    if (head.status === 200 && show.text === name) found.push(name);
    else if (head.status !== 404 || show.status !== 404) throw new Error(`${name}: ${head.status} and ${show.status}`);
  }
  return found;
}

for (const [who, { token, sees, lists }] of Object.entries(ACTORS)) {
  const client = admin.as(token);
  test(`what ${who} sees`, async (t) => {
    t.deepEqual(await seen(client), sees);
  });
  for (const [value, names] of Object.entries(lists)) {
    test(`the list of ${who} with is_public ${value === '' ? 'left out' : value}`, async (t) => {
      const query = value === '' ? '' : `is_public=${value}`;
      t.deepEqual([...(await client.names(query))].sort(), names);
    });
  }
}

test('is_public in any case, and as a digit', async (t) => {
  for (const value of ['none', 'NONE']) t.is((await admin.names(`is_public=${value}`)).length, ALL.length);
  for (const value of ['false', '0']) t.is((await admin.names(`is_public=${value}`)).length, CLOSED.length);
  for (const value of ['true', '1']) t.is((await admin.names(`is_public=${value}`)).length, 3);
});

test('an invisible image is no marker', async (t) => {
  const answer = await admin.as('u:d:member').send('GET', `/v1/images?marker=${ids.get('mine')}`);
  t.is(answer.status, 400);
  t.regex(answer.text, /Invalid marker\. Image could not be found\./);
});
