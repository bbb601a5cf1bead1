import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ChainLink } from '../../../src/http/context.js';
import { faultBoundary } from '../../../src/http/middleware/fault-boundary.js';
import { releaseBody } from '../../../src/http/middleware/release-body.js';
import { requestLog } from '../../../src/http/middleware/request-log.js';
import { serveRepository } from '../../../src/http/repository/repository.js';
import { unknownRoute } from '../../../src/http/routes.js';
import { createHttpServer } from '../../../src/http/server.js';
import type { RepositoryFile } from '../../../src/sync/publish/ports.js';
import { PublishedFolder } from '../../../src/sync/publish/serve/published-folder.js';
import { openFolderTarget } from '../../../src/sync/publish/targets/folder.js';
import { openFiles } from '../../suites/store-folder.js';
import { quietLog } from '../../support/quiet-log.js';
import { exchange, type RawAnswer, request } from '../../support/raw-http.js';

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const calm = (): AbortSignal => new AbortController().signal;

/** A repository in a folder of its own, made by the publisher's own target. */
export async function repositoryFolder(t: ExecutionContext) {
  const path = await mkdtemp(join(tmpdir(), 'glimpse-repository-'));
  const target = await openFolderTarget({ path });
  t.teardown(async () => {
    await target.close();
    const left = await openFiles(path);
    await rm(path, { recursive: true });
    if (left.length > 0) throw new Error(`left open: ${left.join(', ')}`);
  });
  return {
    path,
    /** Publishes a generation with these images, under their paths, and texts beside the list of their hashes. */
    async publish(
      generation: number,
      images: Readonly<Record<string, Uint8Array>>,
      texts: Readonly<Record<string, string>> = {},
      kept: readonly string[] = [],
    ): Promise<void> {
      const release = await target.lock();
      const files: RepositoryFile[] = kept.map((name) => ({
        path: name,
        phase: 'data',
        content: { kept: true },
        immutable: true,
      }));
      for (const [name, bytes] of Object.entries(images)) {
        const blob = sha256(bytes);
        await target.addBlob(one(bytes), async () => blob, calm());
        const content = { blob, size: bytes.byteLength };
        files.push({ path: name, phase: 'data', content, immutable: true });
        files.push({ path: `by-hash/sha256/${blob}`, phase: 'data', content, immutable: true });
      }
      const list = Object.entries(images).map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`);
      for (const [name, text] of Object.entries({ SHA256SUMS: list.join(''), ...texts })) {
        files.push({ path: name, phase: 'directory', content: { text: Buffer.from(text) }, immutable: false });
      }
      const unique = new Map(files.map((file) => [file.path, file]));
      await target.publish(generation, [...unique.values()], `state ${generation}`, calm());
      await target.clean(0);
      await release();
    },
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** A server on a port of its own that has a repository under `/repository`, and nothing else but `links` behind it. */
export async function serving(t: ExecutionContext, folder: string, ...links: readonly ChainLink[]) {
  const server = createHttpServer({
    chain: [
      releaseBody(),
      requestLog(quietLog()),
      faultBoundary(quietLog()),
      serveRepository('/repository', new PublishedFolder(folder)),
      ...links,
      unknownRoute,
    ],
    maxHeaderSize: 16_384,
    socketTimeout: 10,
    keepAlive: true,
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  return {
    port,
    async ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<RawAnswer> {
      const bytes = request(method, path, { Connection: 'close', ...headers });
      const answer = await exchange(port, bytes, { head: method === 'HEAD' });
      if (answer === undefined) throw new Error('no answer');
      return answer;
    },
  };
}
