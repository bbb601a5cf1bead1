import { endpointIn, identityUrl, type KeystoneProof, readToken, tokenRequest } from '../../../net/keystone-token.js';
import { SyncError } from '../../sync-error.js';
import type { CloudAccess } from './access.js';
import type { CloudTransport } from './cloud-transport.js';
import { refusal } from './said-by-server.js';

/** What holds until a token ends. */
export interface CloudSession {
  /** Milliseconds of the epoch; infinite where nobody says. */
  readonly expiresAt: number;
  /** By which every request shows who makes it. */
  readonly headers: Readonly<Record<string, string>>;
  /** URL of the Image service, without a slash at its end. */
  readonly endpoint: string;
  /** Id of the project. */
  readonly project: string | undefined;
}

/** Logs in to a cloud. Throws SyncError destination for a login that is not taken, unreachable where there is no Keystone. */
export async function logIn(transport: CloudTransport, access: CloudAccess): Promise<CloudSession> {
  const { login } = access;
  if (login.by === 'keystone') return logInToKeystone(transport, access, login.address, login.proof);
  const endpoint = withoutSlash(access.endpoint ?? '');
  const always = { expiresAt: Number.POSITIVE_INFINITY, endpoint, project: access.project };
  switch (login.by) {
    case 'nothing':
      return { ...always, headers: {} };
    case 'token':
      return { ...always, headers: { 'x-auth-token': login.token } };
    case 'basic': {
      const pair = Buffer.from(`${login.username}:${login.password}`, 'utf8').toString('base64');
      return { ...always, headers: { authorization: `Basic ${pair}` } };
    }
  }
}

async function logInToKeystone(
  transport: CloudTransport,
  access: CloudAccess,
  address: string,
  proof: KeystoneProof,
): Promise<CloudSession> {
  const url = new URL(`${identityUrl(address)}/auth/tokens`);
  const answer = await transport.ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: tokenRequest(proof),
  });
  if (answer.status !== 201) throw refusal('The login', `Keystone at ${address}`, answer);
  const token = readToken(answer.header('x-subject-token'), answer.text);
  if (token === undefined)
    throw new SyncError('destination', `Keystone at ${address} answered the login with no token.`);
  const { expiresAt, project } = token;
  if (project === undefined) {
    throw new SyncError(
      'usage',
      'The login is for no project, and images belong to one: set OS_PROJECT_NAME or OS_PROJECT_ID.',
    );
  }
  const endpoint = access.endpoint ?? imageEndpoint(token.catalog, access, address);
  return { expiresAt, project, endpoint: withoutSlash(endpoint), headers: { 'x-auth-token': token.token } };
}

function imageEndpoint(catalog: readonly unknown[], { interface: name, region }: CloudAccess, address: string): string {
  const found = endpointIn(catalog, { serviceType: 'image', interface: name, region });
  if (found !== undefined && /^https?:/.test(found)) return found;
  const where = region === undefined ? '' : ` in region ${region}`;
  throw new SyncError(
    'destination',
    `The catalog of Keystone at ${address} has no ${name} endpoint of an Image service${where}: see OS_INTERFACE, OS_REGION_NAME and OS_IMAGE_ENDPOINT_OVERRIDE.`,
  );
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
