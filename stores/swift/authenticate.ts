import { RegistryError } from '../../src/domain/errors.js';
import { unavailable, unexpected } from './errors.js';
import { inside, listIn, parsed, textIn } from './json.js';
import type { SwiftAccess, SwiftStoreOptions } from './options.js';
import type { Session } from './session.js';
import type { HttpAnswer, Transport } from './transport.js';

type KeystoneAccess = Extract<SwiftAccess, { version: 3 }>;

/** A new session. Throws storage-denied for credentials that are not taken, storage-unavailable for a service that is out. */
export async function authenticate(transport: Transport, options: SwiftStoreOptions): Promise<Session> {
  const { access } = options;
  const session = await (access.version === 1
    ? authenticateV1(transport, access.address, access.user, access.key)
    : authenticateV3(transport, access, options));
  return { ...session, storageUrl: (options.endpoint ?? session.storageUrl).replace(/\/+$/, '') };
}

/** Swift's own way: credentials in headers, token and account in headers. */
async function authenticateV1(transport: Transport, address: string, user: string, key: string): Promise<Session> {
  const headers = { 'x-auth-user': user, 'x-auth-key': key };
  const answer = await transport.ask(new URL(address), { method: 'GET', headers });
  await answer.drop();
  if (answer.status !== 200 && answer.status !== 204) throw refused(answer);
  const [token, storageUrl] = [answer.header('x-auth-token'), answer.header('x-storage-url')];
  if (!token || !storageUrl) throw nonsense();
  const seconds = Number(answer.header('x-auth-token-expires') ?? Number.NaN);
  const expiresAt = Number.isFinite(seconds) ? Date.now() + seconds * 1000 : Number.POSITIVE_INFINITY;
  return { token, storageUrl, expiresAt };
}

/** Keystone: a password for a token of a project, whose catalog names the account. */
async function authenticateV3(
  transport: Transport,
  access: KeystoneAccess,
  options: SwiftStoreOptions,
): Promise<Session> {
  const answer = await transport.ask(new URL(`${access.address}/auth/tokens`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: access.user, password: access.key, domain: access.userDomain } },
        },
        scope: { project: { name: access.project, domain: access.projectDomain } },
      },
    }),
  });
  if (answer.status !== 201) {
    await answer.drop();
    throw refused(answer);
  }
  const body = inside(parsed(await answer.text()), 'token');
  const token = answer.header('x-subject-token');
  const expiresAt = Date.parse(textIn(body, 'expires_at') ?? '');
  if (!token || Number.isNaN(expiresAt)) throw nonsense();
  return { token, expiresAt, storageUrl: options.endpoint ?? endpointIn(listIn(body, 'catalog'), options) };
}

function endpointIn(catalog: readonly unknown[], options: SwiftStoreOptions): string {
  const endpoints = catalog
    .filter((service) => textIn(service, 'type') === options.serviceType)
    .flatMap((service) => listIn(service, 'endpoints'))
    .filter((endpoint) => textIn(endpoint, 'interface') === options.endpointInterface)
    .filter((endpoint) => options.region === undefined || regionsOf(endpoint).includes(options.region));
  const url = textIn(endpoints[0], 'url');
  if (url === undefined || !URL.canParse(url)) {
    throw unavailable('The identity service knows no endpoint of the image storage media.');
  }
  return url;
}

function regionsOf(endpoint: unknown): (string | undefined)[] {
  return [textIn(endpoint, 'region'), textIn(endpoint, 'region_id')];
}

function refused({ status }: HttpAnswer): RegistryError {
  if (status !== 401 && status !== 403) {
    return unavailable('The authentication of the image storage media failed.', unexpected(status));
  }
  return new RegistryError('storage-denied', 'The image storage media refused the credentials of this service.', {
    cause: unexpected(status),
  });
}

function nonsense(): RegistryError {
  return unavailable('The authentication of the image storage media gave no token or no account.');
}
