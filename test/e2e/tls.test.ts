import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { type Outcome, program, workFolder } from '../cli/program.js';
import { CERTIFICATE, PRIVATE_KEY } from '../support/swift/certificate.js';
import { TEST_CERTIFICATE } from '../support/test-certificate.js';

/** Both are certificates of 127.0.0.1 and their own authorities. */
const FIRST = TEST_CERTIFICATE;
const SECOND = { cert: CERTIFICATE, key: PRIVATE_KEY };
const PASTE = fileURLToPath(new URL('../../../test/support/glance-api-paste.ini', import.meta.url));
const PATIENCE_MS = 60_000;

interface TlsServer {
  readonly url: URL;
  readonly folder: string;
  log(): string;
  write(files: Readonly<Record<string, string>>): void;
  /** Sends SIGHUP and waits until the log has another line like this one, `times` times. */
  reload(line: RegExp, times?: number): Promise<void>;
  stop(): Promise<Outcome>;
}

function prepare(t: ExecutionContext, options: string, files: Readonly<Record<string, string>>): string {
  const folder = workFolder(t);
  writeFileSync(
    join(folder, 'a.conf'),
    `[DEFAULT]\nbind_host = 127.0.0.1\nbind_port = 0\ncert_file = cert.pem\nkey_file = key.pem\n${options}\n[database]\nconnection = sqlite:///db.sqlite
[glance_store]\nfilesystem_store_datadir = images\n[paste_deploy]\nconfig_file = ${PASTE}\n[glimpse]\nauto_migrate = True\n`,
  );
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function start(
  t: ExecutionContext,
  options = '',
  files: Readonly<Record<string, string>> = {},
): Promise<TlsServer> {
  const folder = prepare(t, options, { 'cert.pem': FIRST.cert, 'key.pem': FIRST.key, ...files });
  const log = () => (existsSync(join(folder, 'api.log')) ? readFileSync(join(folder, 'api.log'), 'utf8') : '');
  let kill: (signal: NodeJS.Signals) => void = () => {};
  let ended: Promise<Outcome> | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    ended = program('cli/glance-api', ['a.conf', '--log-file', 'api.log'], folder, (stdout, signal) => {
      kill = signal;
      const found = /https:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0];
      if (found !== undefined && stdout.endsWith('\n')) resolve(found);
    });
    ended.then(({ stderr }) => reject(new Error(`the server ended: ${stderr}`)), reject);
  });
  t.teardown(() => kill('SIGKILL'));
  return {
    url: new URL(url),
    folder,
    log,
    write: (changed) => {
      for (const [name, text] of Object.entries(changed)) writeFileSync(join(folder, name), text);
    },
    async reload(line, times = 1) {
      const count = () =>
        log()
          .split('\n')
          .filter((one) => line.test(one)).length;
      const wanted = count() + times;
      kill('SIGHUP');
      for (const end = Date.now() + PATIENCE_MS; count() < wanted; await sleep(10)) {
        if (Date.now() > end) throw new Error(`waited in vain for ${line}:\n${log()}`);
      }
    },
    async stop() {
      kill('SIGTERM');
      if (ended === undefined) throw new Error('the server was not started');
      return ended;
    },
  };
}

/** Which certificate a new connection is shown; the error's code when there is none. */
async function shown({ url }: TlsServer, options: ConnectionOptions = {}): Promise<string> {
  const socket = connect({ host: url.hostname, port: Number(url.port), rejectUnauthorized: false, ...options });
  try {
    await once(socket, 'secureConnect');
    const { raw } = socket.getPeerCertificate();
    const pem = raw.toString('base64');
    const bare = (text: string) => text.replace(/-----[^-]*-----|\s/g, '');
    return pem === bare(FIRST.cert) ? 'first' : pem === bare(SECOND.cert) ? 'second' : 'another';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request; `half` is called when half of the body is sent, and waited for. */
async function ask(
  { url }: TlsServer,
  agent: Agent,
  method: string,
  path: string,
  body = '',
  half: () => Promise<void> = async () => {},
): Promise<Answer> {
  const type = method === 'PUT' ? 'application/octet-stream' : 'application/json';
  const headers = { 'Content-Length': Buffer.byteLength(body), 'Content-Type': type };
  const sent = request(new URL(path, url), { agent, method, headers });
  const answered = once(sent, 'response');
  answered.catch(() => {});
  const middle = Math.floor(body.length / 2);
  sent.write(body.slice(0, middle));
  await half();
  sent.end(body.slice(middle));
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, body: text };
}

test('HTTPS from TLS 1.2 on; SIGHUP brings a new certificate, and connections go on', async (t) => {
  const server = await start(t);
  t.is(await shown(server), 'first');
  t.is(await shown(server, { maxVersion: 'TLSv1.2' }), 'first');
  const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  t.is(await shown(server, old), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');

  // One connection for all, opened with the first certificate, which alone it trusts.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: FIRST.cert });
  const draft = JSON.stringify({ name: 'x', disk_format: 'raw', container_format: 'bare' });
  const created = await ask(server, agent, 'POST', '/v2/images', draft);
  t.is(created.status, 201);
  const { file }: { file: string } = JSON.parse(created.body);
  const body = 'x'.repeat(200_000);
  const uploaded = await ask(server, agent, 'PUT', file, body, async () => {
    server.write({ 'cert.pem': SECOND.cert, 'key.pem': SECOND.key });
    await server.reload(/TLS certificates read anew: CN=test, valid until/);
  });
  t.is(uploaded.status, 204);
  t.is((await ask(server, agent, 'GET', file)).body, body);
  t.is(await shown(server), 'second');
  agent.destroy();

  const BROKEN: readonly (readonly [files: Readonly<Record<string, string>>, line: RegExp])[] = [
    [
      { 'key.pem': FIRST.key },
      /ERROR .*key_file key\.pem is not the key of the certificate in cert_file cert\.pem; the certificates read before stay/,
    ],
    [
      { 'cert.pem': 'nonsense' },
      /ERROR .*cert_file cert\.pem does not hold certificates \(PEM\): there is none in it; the certificates/,
    ],
    [
      { 'cert.pem': SECOND.cert, 'key.pem': SECOND.key.slice(0, 100) },
      /ERROR .*key_file key\.pem does not hold a private key without a passphrase/,
    ],
  ];
  for (const [files, line] of BROKEN) {
    server.write(files);
    await server.reload(line);
    t.is(await shown(server), 'second');
  }
  t.false(server.log().includes(SECOND.key.slice(40, 90)), 'no piece of a key in the log');
  server.write({ 'cert.pem': FIRST.cert, 'key.pem': FIRST.key });
  await server.reload(/read anew/);
  t.is(await shown(server), 'first', 'mended');
  t.is((await server.stop()).code, 0);
});

test('with ca_file only clients with a certificate of it are let in, and ca_file is read anew too', async (t) => {
  const server = await start(t, 'ca_file = ca.pem', { 'ca.pem': FIRST.cert });
  const status = async (identity: { cert?: string; key?: string }) => {
    const agent = new Agent({ ca: FIRST.cert, ...identity });
    try {
      return (await ask(server, agent, 'GET', '/v2/images')).status;
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      agent.destroy();
    }
  };
  t.is(await status(FIRST), 200);
  t.regex(String(await status({})), /^(ERR_SSL_|ECONNRESET|EPIPE)/, 'no certificate: not even an answer');
  t.regex(String(await status(SECOND)), /^(ERR_SSL_|ECONNRESET|EPIPE)/, 'one of somebody else');
  server.write({ 'ca.pem': SECOND.cert });
  await server.reload(/read anew/);
  t.is(await status(SECOND), 200);
  t.regex(String(await status(FIRST)), /^(ERR_SSL_|ECONNRESET|EPIPE)/);
  t.is((await server.stop()).code, 0);
});

test('all workers get the new certificate', async (t) => {
  const server = await start(t, 'workers = 2');
  const seen = async () => new Set(await Promise.all(Array.from({ length: 12 }, () => shown(server))));
  t.deepEqual(await seen(), new Set(['first']));
  server.write({ 'cert.pem': SECOND.cert, 'key.pem': SECOND.key });
  await server.reload(/read anew/, 2);
  t.deepEqual(await seen(), new Set(['second']));
  t.is((await server.stop()).code, 0);
});

test('a start with a broken certificate says what is wrong', async (t) => {
  const CASES: readonly (readonly [options: string, files: Readonly<Record<string, string>>, message: string])[] = [
    ['', { 'key.pem': FIRST.key }, 'cert_file cert.pem cannot be read (ENOENT)'],
    [
      '',
      { 'cert.pem': FIRST.key, 'key.pem': FIRST.key },
      'cert_file cert.pem does not hold certificates (PEM): there is none in it',
    ],
    [
      '',
      { 'cert.pem': FIRST.cert, 'key.pem': SECOND.key },
      'key_file key.pem is not the key of the certificate in cert_file cert.pem',
    ],
    [
      'ca_file = ca.pem',
      { 'cert.pem': FIRST.cert, 'key.pem': FIRST.key, 'ca.pem': '' },
      'ca_file ca.pem does not hold certificates (PEM): there is none in it',
    ],
    [
      'workers = 2',
      { 'cert.pem': FIRST.cert, 'key.pem': 'x' },
      'key_file key.pem does not hold a private key without a passphrase (PEM)',
    ],
  ];
  for (const [options, files, message] of CASES) {
    const folder = prepare(t, options, files);
    const { code, stderr } = await program('cli/glance-api', ['a.conf', '--log-file', 'api.log'], folder);
    t.deepEqual([code, stderr], [1, `ERROR: ${message}\n`]);
  }
});
