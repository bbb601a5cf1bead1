import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { ENCODINGS } from '../../../src/compression/encoding.js';
import type { SyncErrorKind } from '../../../src/sync/sync-error.js';
import { actions, failure, MirrorJob } from '../../support/mirror-job.js';
import { addImage, directoryOf, hexOf, type MadeImage } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';
import { TEST_CERTIFICATE } from '../../support/test-certificate.js';
import { hasTool } from '../../support/tools.js';

// One after the other: each looks for processes that are left.
const SYNC = 'org.openstack.sync__1__';
const GOOD: MadeImage = { name: 'Good', bytes: randomBytes(200_000), version: '20261120' };
const TIMES = { connectMs: 2000, answerMs: 300, idleMs: 300, stallBytes: 1024, metadataMs: 1500 };

interface Rig {
  readonly source: MirrorSource;
  readonly job: MirrorJob;
  readonly sidecar: string;
  readonly data: string;
  list(): void;
}

async function rig(t: ExecutionContext, image: MadeImage = GOOD, tls?: typeof TEST_CERTIFICATE): Promise<Rig> {
  const source = await MirrorSource.open(tls);
  t.teardown(() => source.close());
  const made = await addImage(source.files, 'images/0', image);
  const list = () => source.put('SHA256SUMS', directoryOf(source.files));
  list();
  return { source, job: new MirrorJob(t, source), ...made, list };
}

/** The image fails for this reason, and nothing is left of it. */
async function refusesImage(t: ExecutionContext, { job }: Rig, why: RegExp, options = {}): Promise<void> {
  t.regex(failure(t, await job.run(options)), why);
  t.is(job.destination.images.size, 0);
  job.assertClean(t);
}

/** The whole source is refused, and nothing is left. */
async function refusesSource(
  t: ExecutionContext,
  { job }: Rig,
  kind: SyncErrorKind,
  why: RegExp,
  options = {},
): Promise<void> {
  const error = await job.refusal(t, options);
  t.is(error.kind, kind);
  t.regex(error.message, why);
  t.deepEqual(job.destination.writes, []);
  job.assertClean(t);
}

for (const encoding of ENCODINGS.filter((one) => one !== 'none')) {
  const tool = encoding === 'gzip' ? undefined : encoding;
  const withTool = tool === undefined || hasTool(tool) ? test.serial : test.serial.skip;
  withTool(`A bomb in ${encoding}: cut where the announced size ends, or at --max-size`, async (t) => {
    const bomb = { ...GOOD, bytes: Buffer.alloc(24 * 1024 * 1024), encoding, also: `${SYNC}size=1000000\n` };
    await refusesImage(t, await rig(t, bomb), /expands to more than 1000000 bytes, and 1000000 are announced/);
    await refusesImage(t, await rig(t, { ...bomb, also: `${SYNC}size=\n` }), /--max-size allows no more/, {
      maxBytes: 1_000_000,
    });
    await refusesImage(t, await rig(t, { ...bomb, also: '' }), /--max-size allows 1000000/, { maxBytes: 1_000_000 });
  });

  withTool(`A broken file in ${encoding}, under its right hash`, async (t) => {
    const attack = await rig(t, { ...GOOD, encoding });
    const whole = attack.source.files.get(attack.data) ?? Buffer.alloc(0);
    const broken = whole.subarray(0, whole.length - 20);
    const digests = `${SYNC}compressed_size=${broken.length}\n${SYNC}compressed_sha256=${hexOf('sha256', broken)}\n${SYNC}compressed_sha512=${hexOf('sha512', broken)}\n${SYNC}compressed_md5=${hexOf('md5', broken)}\n`;
    attack.source.put(attack.data, broken);
    attack.source.put(attack.sidecar, attack.source.files.get(attack.sidecar)?.toString() + digests);
    attack.list();
    await refusesImage(t, attack, new RegExp(encoding));
  });
}

for (const path of [
  '../secret.properties',
  'images/../../x.properties',
  '/etc/x.properties',
  'images\\x.properties',
  'http://other/x.properties',
  'images/%2e%2e/x.properties',
  'a\u0007b.properties',
]) {
  test.serial(`A directory with the path ${JSON.stringify(path)} is refused as a whole`, async (t) => {
    const attack = await rig(t);
    attack.source.put('SHA256SUMS', directoryOf(attack.source.files, 'sha256', `${'0'.repeat(64)}  ${path}\n`));
    await refusesSource(t, attack, 'refused', /SHA256SUMS: .*the path/);
  });
}

for (const [reference, why] of [
  ['../../../../other/x.raw', /climbs out of the repository/],
  ['%2e%2e/%2e%2e/%2e%2e/%2e%2e/x.raw', /climbs out of the repository/],
  ['http://127.0.0.2:9/x.raw', /names http:\/\/127\.0\.0\.2:9\/x\.raw: that is not the origin/],
  ['//127.0.0.2:9/x.raw', /that is not the origin/],
  ['https://user:secret@127.0.0.2/x.raw', /names https:\/\/127\.0\.0\.2\/x\.raw/],
  ['file:///etc/passwd', /file:\/\/\/etc\/passwd: that is not the origin/],
  ['ftp://127.0.0.1/x.raw', /that is not the origin/],
] as const) {
  test.serial(`A .properties file that leads to ${reference} is refused`, async (t) => {
    const attack = await rig(t, { ...GOOD, also: `${SYNC}image=${reference}\n` });
    for (const [path, bytes] of [...attack.source.files]) attack.source.files.set(`pub/${path}`, bytes);
    await refusesImage(t, attack, why, { url: `${attack.source.url}pub/` });
  });
}

test.serial('A foreign origin that is allowed must still be a public one', async (t) => {
  const other = await MirrorSource.open();
  t.teardown(() => other.close());
  const attack = await rig(t, { ...GOOD, also: `${SYNC}image=${other.url}x.raw.gz\n` });
  await refusesImage(t, attack, /its address is not open to requests/, { allowForeign: true });
  // A name tells its address only when it is asked for.
  const named = new URL('x.raw.gz', other.url);
  named.hostname = 'localhost';
  const byName = await rig(t, { ...GOOD, also: `${SYNC}image=${named}\n` });
  await refusesImage(t, byName, /not open to requests/, { allowForeign: true });
  t.deepEqual(other.requests, []);
});

test.serial(
  'A foreign origin that is allowed gets no credentials, and its bytes are held to their hashes',
  async (t) => {
    const other = await MirrorSource.open();
    t.teardown(() => other.close());
    const attack = await rig(t, { ...GOOD, also: `${SYNC}image=${other.url}x.raw.gz\n` });
    other.files.set('x.raw.gz', attack.source.files.get(attack.data) ?? Buffer.alloc(0));
    const { DEFAULT_URL_RULES } = await import('../../../src/net/url-rules.js');
    const home = new URL(attack.source.url.replace('//', '//user:secret@'));
    const origins = {
      home,
      allowForeign: true,
      foreign: { ...DEFAULT_URL_RULES, allowedPorts: [], allowedHosts: ['127.0.0.1'] },
    };
    t.deepEqual(actions(await attack.job.run({ url: home.href, fetch: { origins } })), { Good: 'imported' });
    t.is(other.headersOf('x.raw.gz').authorization, undefined);
    t.is(attack.source.headersOf('SHA256SUMS').authorization, `Basic ${Buffer.from('user:secret').toString('base64')}`);
    const [image] = attack.job.destination.images.values();
    t.notRegex(JSON.stringify([...(image?.properties ?? [])]), /secret/);
  },
);

const redirect =
  (location: string): RequestListener =>
  (_, response) =>
    void response.writeHead(302, { location }).end();

test.serial('Redirects: a loop, a chain, another origin, another scheme, and credentials in one', async (t) => {
  const attack = await rig(t);
  const { source, data } = attack;
  source.behaviours.set(data, redirect(`/${data}`));
  await refusesImage(t, attack, /redirects in a loop/);
  source.behaviours.set(data, redirect('/a'));
  source.behaviours.set('a', redirect(`/${data}`));
  await refusesImage(t, attack, /redirects in a loop/);
  for (let hop = 0; hop < 9; hop += 1) source.behaviours.set(`hop${hop}`, redirect(`/hop${hop + 1}`));
  source.behaviours.set(data, redirect('/hop0'));
  await refusesImage(t, attack, /redirects more than 5 times/);
  source.behaviours.set(data, redirect('http://user:secret@127.0.0.2:9/x'));
  await refusesImage(t, attack, /redirects to http:\/\/127\.0\.0\.2:9\/x: that is not the origin/);
  source.behaviours.set(data, redirect('file:///etc/passwd'));
  await refusesImage(t, attack, /that is another scheme/);
  source.behaviours.set(data, redirect('http://['));
  await refusesImage(t, attack, /redirects to something that is no URL/);
});

test.serial('A redirect within the origin is followed', async (t) => {
  const { source, job, data } = await rig(t);
  source.put('elsewhere', source.files.get(data) ?? '');
  source.behaviours.set(data, redirect('/elsewhere'));
  t.deepEqual(actions(await job.run()), { Good: 'imported' });
});

test.serial('Redirects that give up encryption are refused, whatever is allowed', async (t) => {
  const attack = await rig(t, GOOD, TEST_CERTIFICATE);
  attack.source.behaviours.set(attack.data, redirect(`http://127.0.0.1:${attack.source.port}/x`));
  const fetch = { ca: TEST_CERTIFICATE.cert };
  await refusesImage(t, attack, /that gives up encryption/, { fetch });
  await refusesImage(t, attack, /that gives up encryption/, { fetch, allowForeign: true });
  await refusesSource(t, attack, 'unreachable', /the certificate is not to be trusted/);
});

test.serial('Sizes that lie: shorter, longer and endless files', async (t) => {
  const attack = await rig(t);
  const { source, data } = attack;
  const bytes = source.files.get(data) ?? Buffer.alloc(0);
  source.behaviours.set(
    data,
    (_, response) => void response.writeHead(200, { 'content-length': 10 }).end(bytes.subarray(0, 10)),
  );
  await refusesImage(t, attack, new RegExp(`it has 10 bytes, and ${bytes.length} are announced`));
  source.behaviours.set(
    data,
    (_, response) => void response.writeHead(200).end(Buffer.concat([bytes, Buffer.alloc(9)])),
  );
  await refusesImage(t, attack, new RegExp(`it has ${bytes.length + 9} bytes, and ${bytes.length} are announced`));
  source.behaviours.set(data, (_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536)) && !response.destroyed);
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await refusesImage(t, attack, /is larger than the \d+ bytes that it may have/);
  const plain = await rig(t, { ...GOOD, encoding: 'none', also: `${SYNC}size=1000\n` });
  await refusesImage(t, plain, /bytes, and 1000 are announced|larger than the 1000 bytes/);
});

test.serial(
  'Hashes that lie: of the stored file, of the image, and statements that contradict each other',
  async (t) => {
    const wrong = await rig(t);
    wrong.source.put(wrong.data, randomBytes(wrong.source.files.get(wrong.data)?.length ?? 0));
    await refusesImage(t, wrong, /its sha256 is [0-9a-f]{64}, and SHA256SUMS says/);
    const listed = await rig(t, { ...GOOD, also: `${SYNC}compressed_sha256=${'0'.repeat(64)}\n` });
    await refusesImage(t, listed, /SHA256SUMS and the \.properties file differ in its sha256/);
    const md5 = await rig(t, { ...GOOD, also: `${SYNC}compressed_sha256=${'0'.repeat(64)}\n` });
    md5.source.files.delete('SHA256SUMS');
    md5.source.put('md5sum', directoryOf(md5.source.files, 'md5'));
    await refusesImage(t, md5, /its sha256 is [0-9a-f]{64}, and the \.properties file says 0{64}/);
    const image = await rig(t, { ...GOOD, also: `${SYNC}sha256=${'0'.repeat(64)}\n` });
    await refusesImage(t, image, /its sha256 is [0-9a-f]{64}, and the \.properties file says 0{64}/);
    const checksum = await rig(t, { ...GOOD, also: `${SYNC}checksum=${'0'.repeat(32)}\n` });
    await refusesImage(t, checksum, /the destination says that its md5 is [0-9a-f]{32}, and it should be 0{32}/);
    const size = await rig(t, { ...GOOD, also: `${SYNC}size=999999\n` });
    await refusesImage(t, size, /it has 200000 bytes, and 999999 are announced/);
  },
);

test.serial('Disks that are not what they are called, or reach for other files', async (t) => {
  const called = await rig(t, { ...GOOD, diskFormat: 'qcow2' });
  await refusesImage(t, called, /image\.properties: /);
  const header = Buffer.alloc(65_536);
  header.write('QFI\xfb', 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeBigUInt64BE(1024n, 8);
  header.writeUInt32BE(11, 16);
  header.writeUInt32BE(16, 20);
  header.writeBigUInt64BE(1_048_576n, 24);
  header.writeUInt32BE(104, 100);
  header.write('/etc/passwd', 1024);
  for (const encoding of ['none', 'gzip'] as const) {
    const reaching = await rig(t, { ...GOOD, bytes: header, diskFormat: 'qcow2', encoding });
    await refusesImage(t, reaching, /qcow2 backing_file/);
    const disguised = await rig(t, { ...GOOD, bytes: header, diskFormat: 'raw', encoding });
    await refusesImage(t, disguised, /image\.properties: /);
  }
});

test.serial('A truncated file is fetched again where it broke off, and continued by the next run', async (t) => {
  const attack = await rig(t, { ...GOOD, bytes: randomBytes(3_000_000), encoding: 'none' });
  const { source, job, data } = attack;
  const bytes = source.files.get(data) ?? Buffer.alloc(0);
  const broken: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length, etag: `"${hexOf('md5', bytes)}"` });
    response.write(bytes.subarray(0, 1_500_000), () => setTimeout(() => response.destroy(), 50));
  };
  source.behaviours.set(data, broken);
  t.regex(failure(t, await job.run()), /broke off after \d+ of 3000000 bytes|the connection was closed/);
  t.is(job.destination.images.size, 0);
  t.is(job.left().length, 2, 'what the next run continues');
  source.behaviours.delete(data);
  t.deepEqual(actions(await job.run()), { Good: 'imported' });
  t.regex(source.headersOf(data).range ?? '', /^bytes=[1-9]\d*-$/);
  t.is(source.headersOf(data)['if-range'], `"${hexOf('md5', bytes)}"`);
  job.assertClean(t);
});

test.serial('What another server continues with is caught by the hash, and fetched anew', async (t) => {
  const attack = await rig(t, { ...GOOD, bytes: randomBytes(3_000_000), encoding: 'none' });
  const { source, job, data } = attack;
  const bytes = source.files.get(data) ?? Buffer.alloc(0);
  let asked = 0;
  source.behaviours.set(data, (request, response) => {
    asked += 1;
    const etag = '"liar"';
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    if (from !== undefined) {
      const rest = Buffer.alloc(bytes.length - Number(from));
      response.writeHead(206, { etag, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
      return void response.end(rest);
    }
    response.writeHead(200, { etag, 'content-length': bytes.length });
    if (asked > 1) return void response.end(bytes);
    return void response.write(bytes.subarray(0, 1_500_000), () => setTimeout(() => response.destroy(), 50));
  });
  t.deepEqual(actions(await job.run()), { Good: 'imported' });
  t.is(asked, 3, 'broken, continued with lies, whole');
  job.assertClean(t);
});

test.serial('A server that hangs, trickles or says nothing is given up', async (t) => {
  const attack = await rig(t);
  const { source, data } = attack;
  const options = { fetch: { times: TIMES, attempts: 1 } };
  source.behaviours.set(data, () => {});
  await refusesImage(t, attack, /no answer came in time/, options);
  source.behaviours.set(data, (_, response) => {
    response.writeHead(200, { 'content-length': source.files.get(data)?.length });
    const drip = setInterval(() => response.write('x'), 50);
    response.on('close', () => clearInterval(drip));
  });
  await refusesImage(t, attack, /stalled: fewer than 1024 bytes in 0\.3 s/, options);
  source.behaviours.set('SHA256SUMS', () => {});
  await refusesSource(t, attack, 'unreachable', /no answer came in time/, options);
  source.behaviours.set('SHA256SUMS', (_, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('#'.repeat(1000)), 20);
    response.on('close', () => clearInterval(drip));
  });
  await refusesSource(t, attack, 'unreachable', /was not complete after 1\.5 s/, options);
});

test.serial('Directories that are too large, or have too many lines', async (t) => {
  const attack = await rig(t);
  const { source } = attack;
  source.put('SHA256SUMS', `${'0'.repeat(64)}  images/a\n`.repeat(100_001));
  await refusesSource(t, attack, 'invalid', /SHA256SUMS: .*100000/);
  source.put('SHA256SUMS', Buffer.alloc(16 * 1024 * 1024 + 1, '#'));
  await refusesSource(t, attack, 'mismatch', /larger than the 16777216 bytes/);
  source.put('SHA256SUMS', Buffer.from([0xff, 0xfe, 0x00]));
  await refusesSource(t, attack, 'invalid', /not UTF-8/);
});

test.serial('.properties files that are too large, malformed, or have another hash', async (t) => {
  const attack = await rig(t);
  const { source, sidecar } = attack;
  source.put(sidecar, `x=${'y'.repeat(256 * 1024)}`);
  attack.list();
  await refusesImage(t, attack, /larger than the 262144 bytes/);
  source.put(sidecar, Array.from({ length: 600 }, (_, key) => `key${key}=x\n`).join(''));
  attack.list();
  await refusesImage(t, attack, /512/);
  source.put(sidecar, 'key=\\u12x4\n');
  attack.list();
  await refusesImage(t, attack, /image\.properties/);
  source.put(sidecar, 'key=\0\n');
  attack.list();
  await refusesImage(t, attack, /holds a NUL/);
  source.put(sidecar, 'disk_format=raw\n');
  attack.list();
  source.put(sidecar, 'disk_format=iso\n');
  await refusesImage(t, attack, /its sha256 is [0-9a-f]{64}, and SHA256SUMS says/);
});

test.serial('Reserved properties are left out, whatever they try', async (t) => {
  const also = [
    'os_glance_importing_to_stores=x',
    'owner_specified.openstack.md5=x',
    'locations=x',
    'owner=root',
    'id=11111111-1111-1111-1111-111111111111',
    'status=active',
    'image_sync_source=http://another/',
    'image_sync_pending=x',
    `${SYNC}property__owner=root`,
    `${SYNC}property__visibility=public`,
    `${SYNC}property__image_sync_gone=2000-01-01`,
    '__proto__=x',
    '',
  ].join('\n');
  const { source, job } = await rig(t, { ...GOOD, also, isPublic: false });
  const outcome = await job.run();
  t.deepEqual(actions(outcome), { Good: 'imported' });
  const [image] = job.destination.images.values();
  t.deepEqual([...(image?.properties.keys() ?? [])].sort(), [
    '__proto__',
    'image_source',
    'image_sync_serial',
    'image_sync_source',
  ]);
  t.is(image?.properties.get('image_sync_source'), `${source.url}images/0/20261120/image.properties`);
  t.deepEqual([image?.owner, image?.visibility], ['ours', 'private']);
  t.regex(outcome.warnings.join('\n'), /os_glance_importing_to_stores/);
  t.deepEqual(actions(await job.run()), { Good: 'up-to-date' });
});

for (const name of ['a\\u0007b', 'a\\nb', '\\u001b[2J', '\\u2028', ' ', 'x'.repeat(256)]) {
  test.serial(`An image called ${JSON.stringify(name.slice(0, 20))} is refused`, async (t) => {
    const attack = await rig(t, { ...GOOD, also: `${SYNC}name=${name.replace(/^ /, '\\ ')}\n` });
    await refusesImage(t, attack, /the name (.* has control characters|is longer|is empty)/);
  });
}

test.serial('Errors name no credentials', async (t) => {
  const attack = await rig(t);
  const url = attack.source.url.replace('//', '//user:secret@');
  attack.source.behaviours.set('SHA256SUMS', (_, response) => void response.writeHead(401).end());
  const error = await attack.job.refusal(t, { url: `${url}` });
  t.is(error.message, `http://127.0.0.1:${attack.source.port}/SHA256SUMS answered with status 401`);
  const gone = await attack.job.refusal(t, { url: 'http://user:secret@127.0.0.1:1/', fetch: { attempts: 1 } });
  t.is(gone.message, 'http://127.0.0.1:1/SHA256SUMS: the connection was refused');
});
