import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { buildServices, buildV1, buildV2 } from './composition/apis.js';
import { buildFilters } from './composition/filters.js';
import { openAuthenticator } from './composition/open-authenticator.js';
import { buildLimits } from './composition/open-limits.js';
import { closeParts, openParts } from './composition/parts.js';
import { buildPublishing, checkSchedule } from './composition/publish-schedule.js';
import { buildRepository } from './composition/repository.js';
import type { Config } from './config/load.js';
import type { Log } from './domain/ports/log.js';
import type { Metrics } from './domain/ports/metrics.js';
import { auditLog } from './http/middleware/audit-log.js';
import { faultBoundary } from './http/middleware/fault-boundary.js';
import { releaseBody } from './http/middleware/release-body.js';
import { requestLog } from './http/middleware/request-log.js';
import { requestMetrics } from './http/middleware/request-metrics.js';
import { unknownRoute } from './http/routes.js';
import { createHttpServer } from './http/server.js';
import { readTls, type TlsFiles, type TlsIdentity } from './http/tls.js';
import { v1Routes } from './http/v1/router.js';
import { v2Routes } from './http/v2/router.js';
import { openAuditFile } from './process/audit-file.js';
import { listen } from './process/listen.js';
import { StartupError } from './process/startup-error.js';

/** A server, built and not yet listening. */
export interface App {
  /** Binds the configured address. Throws StartupError when it cannot. */
  listen(): Promise<{ readonly url: string }>;
  /** Opens the audit log and reads the TLS certificates anew; connections that are open stay as they are. Never throws. */
  reload(): void;
  /** Stops taking requests, breaks off what is still running after a while, and closes everything that was opened. */
  close(): Promise<void>;
}

/** Seconds that requests under way have to end when the server closes. */
const PATIENCE = 5;

function tlsFiles({ cert_file: cert, key_file: key, ca_file: ca }: Config['values']['DEFAULT']): TlsFiles | undefined {
  if (cert === null && key === null) return undefined;
  if (cert === null || key === null) {
    throw new StartupError(
      'When running server in SSL mode, you must specify both a cert_file and key_file option value in your configuration file',
    );
  }
  return { cert, key, ca: ca ?? undefined };
}

function startTls(files: TlsFiles, log: Log): TlsIdentity {
  try {
    const identity = readTls(files);
    log.info(`TLS as ${identity.summary}`);
    return identity;
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), 1, { cause: error });
  }
}

/** New connections get the certificates that the files hold now; when those are no good they get the old ones, and the log says why. */
function reloadTls(server: Server, files: TlsFiles, log: Log): void {
  try {
    const { options, summary } = readTls(files);
    if (server instanceof TlsServer) server.setSecureContext(options);
    log.info(`TLS certificates read anew: ${summary}`);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    log.error(`${problem}; the certificates read before stay in use`);
  }
}

/** Builds a server from its configuration; without `metrics` nothing is counted. Throws StartupError for what an operator has to mend. */
export async function createApp(config: Config, log: Log, metrics?: Metrics): Promise<App> {
  const { DEFAULT: options, glimpse } = config.values;
  const { apis } = config.pipeline;
  checkSchedule(config);
  const repository = buildRepository(config);
  const files = tlsFiles(options);
  const tls = files && startTls(files, log.child('tls'));
  const audit = glimpse.audit_log === null ? undefined : openAuditFile(glimpse.audit_log);
  const opened = await openParts(config, log, metrics);
  const publishing = buildPublishing(config, opened, log.child('publish'));
  const { parts } = publishing;
  const authenticator = await openAuthenticator(config, parts.policies.v1, log.child('auth')).catch(async (error) => {
    await closeParts(parts);
    throw error;
  });
  const services = buildServices(config, log.child('api'), parts);
  const server = createHttpServer({
    chain: [
      releaseBody(),
      ...(metrics ? [requestMetrics(metrics)] : []),
      requestLog(log.child('request')),
      ...(audit ? [auditLog(audit)] : []),
      faultBoundary(log.child('http')),
      // Before anybody asks who is there: a repository is public.
      ...repository,
      ...buildFilters(config, authenticator),
      ...buildLimits(config),
      ...(apis.includes('v1') ? [v1Routes(buildV1(config, services, parts))] : []),
      ...(apis.includes('v2') ? [v2Routes(buildV2(config, services, parts))] : []),
      unknownRoute,
    ],
    maxHeaderSize: glimpse.max_header_size,
    socketTimeout: options.client_socket_timeout,
    keepAlive: options.http_keepalive,
    ...(tls ? { tls: tls.options } : {}),
  });
  return {
    async listen() {
      await listen(server, options.bind_host, options.bind_port, options.backlog);
      parts.watch.start();
      publishing.start();
      return { url: urlOf(server, options.bind_host, tls !== undefined) };
    },
    reload() {
      audit?.reopen();
      if (files) reloadTls(server, files, log.child('tls'));
    },
    async close() {
      await Promise.all([closeServer(server), publishing.stop()]);
      await Promise.all([services.sources.close(), services.hashes.close(), authenticator.close()]);
      await closeParts(parts);
      await audit?.close();
    },
  };
}

function urlOf(server: Server, host: string, secure: boolean): string {
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${secure ? 'https' : 'http'}://${name}:${port}`;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), PATIENCE * 1000);
  await closed;
  clearTimeout(impatience);
}
