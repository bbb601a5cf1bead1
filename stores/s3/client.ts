import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { S3, S3ClientConfig } from '@aws-sdk/client-s3';
import type { Connection, ConnectionOptions } from './connection.js';
import type { Place } from './names.js';
import type { S3StoreOptions } from './options.js';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.js';

/** What every operation of one store shares. */
export interface S3Context {
  readonly options: S3StoreOptions;
  readonly place: Place;
  readonly s3: S3;
  readonly retry: RetryPolicy;
  /** What the service was found not to know. */
  readonly lacks: { conditions: boolean };
  /** What is left to remove from the service when it answers again. */
  readonly debts: Set<() => Promise<void>>;
  /** What downloads are read from. */
  readonly connection: ConnectionOptions;
  readonly connections: Set<Connection>;
}

/** The SDK would complain on the console that a part's stream cannot be sent twice: we make a new one. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

const CONNECT_MS = 10_000;
const IDLE_MS = 60_000;

/**
 * Loads the SDK, which a server without such a store never does, and prepares a client; nothing is sent yet.
 * Throws an Error when the certificates cannot be read, or no region is to be found.
 */
export async function createContext(options: S3StoreOptions): Promise<S3Context> {
  const ca = options.caFile === undefined ? undefined : await readCertificates(options.caFile);
  const { S3 } = await import('@aws-sdk/client-s3');
  // The version that is pinned here runs on every Node that this server does; the operator can do nothing about later ones.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const s3 = new S3(clientConfig(options, ca));
  const endpoint = new URL(options.endpoint ?? `https://${awsHost(await regionOf(s3))}`);
  const place = { host: endpoint.host, secure: endpoint.protocol === 'https:', bucket: options.bucket };
  return {
    options,
    place,
    s3,
    retry: options.retry ?? DEFAULT_RETRY,
    lacks: { conditions: false },
    debts: new Set(),
    connection: {
      connectMs: options.connectMs ?? CONNECT_MS,
      idleMs: options.idleMs ?? IDLE_MS,
      ...(ca === undefined ? {} : { ca }),
    },
    connections: new Set(),
  };
}

function clientConfig(options: S3StoreOptions, ca: Buffer | undefined): S3ClientConfig {
  const { endpoint, region, credentials } = options;
  // No bound on sockets: parts in flight have their own, and downloads wait for their readers, not for each other.
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: options.pathStyle,
    // Parts are sent again from their buffers by us, at once with what else must be looked at: see retrying.
    maxAttempts: 1,
    logger: SILENT,
    // Many services do not know the newer checksums. What is stored is compared by its ETag and its size.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A round trip for each part, where a part that is refused is small.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: options.connectMs ?? CONNECT_MS,
      socketTimeout: options.idleMs ?? IDLE_MS,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent({ ...agent, ...(ca === undefined ? {} : { ca }) }),
    },
  };
}

async function readCertificates(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new Error(`s3_store_cacert: ${error instanceof Error ? error.message : String(error)}`);
  });
}

async function regionOf(s3: S3): Promise<string> {
  return s3.config.region().catch(() => {
    throw new Error(
      'Set [glance_store] s3_store_region_name, or that of the section of the store: no region is known from the environment either.',
    );
  });
}

function awsHost(region: string): string {
  return `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
