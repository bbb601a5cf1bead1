import { listIn, parsed, textIn } from '../../../net/json.js';
import { SyncError } from '../../sync-error.js';
import type { CloudAnswer } from './cloud-transport.js';
import type { ImageClient } from './image-client.js';
import { refusal } from './said-by-server.js';

/**
 * The version of the Image API to speak: v2 where the service has it, else v1. Asks for the document of versions, under `/versions` and under the
 * root (200 or 300); where there is none, as behind gateways that let only one version through, the endpoint's own version counts.
 * Throws SyncError destination for a service without v1 and v2.
 */
export async function discoverImageApi(client: ImageClient): Promise<'v1' | 'v2'> {
  const base = await client.base();
  const versions = (await versionsAt(client, '/versions')) ?? (await versionsAt(client, '/'));
  if (versions === undefined) {
    const [, major] = /\/v([12])(?:\.\d+)?$/.exec((await client.session()).endpoint) ?? [];
    if (major !== undefined) return major === '1' ? 'v1' : 'v2';
    throw new SyncError(
      'destination',
      `${base} is no Image service: it has no document of versions. Is its address right?`,
    );
  }
  const has = (major: string) => versions.some((id) => id === major || id.startsWith(`${major}.`));
  if (has('v2')) return 'v2';
  if (has('v1')) return 'v1';
  throw new SyncError(
    'destination',
    `${base} has the Image API in ${versions.slice(0, 20).join(', ')} only, neither v2 nor v1.`,
  );
}

async function versionsAt(client: ImageClient, path: string): Promise<readonly string[] | undefined> {
  const answer = await client.send({ method: 'GET', path });
  if (answer.status === 401) throw refusal('The look at its versions', await client.base(), answer);
  return [200, 300].includes(answer.status) ? versionsIn(answer) : undefined;
}

function versionsIn({ text }: CloudAnswer): readonly string[] | undefined {
  const ids = listIn(parsed(text), 'versions').flatMap((version) => textIn(version, 'id') ?? []);
  return ids.length > 0 ? ids : undefined;
}
