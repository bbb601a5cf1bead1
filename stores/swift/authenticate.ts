import { RegistryError } from '../../src/domain/errors.js';
import { endpointIn, readToken, tokenRequest } from '../../src/net/keystone-token.js';
import { unavailable, unexpected } from './errors.js';
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
    body: tokenRequest({
      by: 'password',
      user: { name: access.user, domain: access.userDomain },
      password: access.key,
      project: { name: access.project, domain: access.projectDomain },
    }),
  });
  if (answer.status !== 201) {
    await answer.drop();
    throw refused(answer);
  }
  const session = readToken(answer.header('x-subject-token'), await answer.text());
  if (session === undefined) throw nonsense();
  return { ...session, storageUrl: options.endpoint ?? accountIn(session.catalog, options) };
}

function accountIn(catalog: readonly unknown[], options: SwiftStoreOptions): string {
  const { serviceType, endpointInterface, region } = options;
  const url = endpointIn(catalog, { serviceType, interface: endpointInterface, region });
  if (url === undefined) throw unavailable('The identity service knows no endpoint of the image storage media.');
  return url;
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
