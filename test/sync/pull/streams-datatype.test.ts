import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { createFetcher } from '../../../src/sync/pull/fetcher.js';
import type { ReadSource } from '../../../src/sync/pull/source-reader.js';
import { readStreams } from '../../../src/sync/pull/source-streams.js';
import { SyncError } from '../../../src/sync/sync-error.js';
import { UBUNTU_IDS, UBUNTU_INDEX, UBUNTU_PRODUCTS } from '../formats/streams-fixtures.js';

/** Reads a file of a mirror on disk that has these files below `streams/v1`. */
async function read(name: string, files: Readonly<Record<string, object>>): Promise<ReadSource | undefined> {
  const root = await mkdtemp(join(tmpdir(), 'streams-'));
  const folder = join(root, 'streams', 'v1');
  try {
    await mkdir(folder, { recursive: true });
    for (const [path, document] of Object.entries(files)) await writeFile(join(folder, path), JSON.stringify(document));
    const home = pathToFileURL(join(folder, name));
    const origins = { home, allowForeign: false };
    const fetcher = createFetcher({ origins, root });
    try {
      const known = { documents: {}, sidecars: {} };
      return await readStreams(home, {
        origins,
        fetcher,
        known,
        trust: undefined,
        signal: new AbortController().signal,
      });
    } finally {
      await fetcher.close();
    }
  } finally {
    await rm(root, { recursive: true });
  }
}

const DOWNLOADS = 'com.ubuntu.cloud:released:download';
const IDS = 'com.ubuntu.cloud:released:aws';

test('of an index with images of clouds and images to download the latter are taken', async (t) => {
  const source = await read('index.json', { 'index.json': UBUNTU_INDEX, [`${DOWNLOADS}.json`]: UBUNTU_PRODUCTS });
  t.deepEqual(source?.failures, []);
  t.deepEqual(
    source?.entries.map(({ entry }) => [entry.name, entry.size, entry.expanded]),
    [['ubuntu-noble-24.04-amd64-server-20240423', 617213952, { md5: 'a'.repeat(32), sha256: 'b'.repeat(64) }]],
  );
});

test('a source of nothing but images of clouds is refused, and not taken for an empty one', async (t) => {
  const index = { ...UBUNTU_INDEX, index: { [IDS]: UBUNTU_INDEX.index[IDS] } };
  const message = /"com\.ubuntu\.cloud:released:aws" lists images that are in clouds already \("image-ids"\)/;
  for (const name of ['index.json', `${IDS}.json`]) {
    const reading = read(name, { 'index.json': index, [`${IDS}.json`]: UBUNTU_IDS });
    const error = await t.throwsAsync(reading, { instanceOf: SyncError, message }, name);
    t.is(error?.kind, 'usage');
  }
});

test('an item that says nonsense of its file is a failure of its own', async (t) => {
  const text = JSON.stringify(UBUNTU_PRODUCTS).replace('"md5":', '"expanded_size":"much","md5":');
  const source = await read('products.json', { 'products.json': JSON.parse(text) });
  t.deepEqual(source?.entries, []);
  t.regex(source?.failures[0]?.error.message ?? '', /disk1\.img: expanded_size: "much" is no integer/);
});
