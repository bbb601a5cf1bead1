import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseS3Options } from '../stores/s3/options.js';
import { createS3Store } from '../stores/s3/s3-store.js';
import { download, median, randomFile, report, seconds, upload } from './support/measure.js';
import { createSite, memoryMiB, startServer, stop } from './support/server.js';

/**
 * Through an S3 store: on a sink that is as fast as memory, and on the real service that TEST_S3_URL, TEST_S3_ACCESS_KEY and
 * TEST_S3_SECRET_KEY name. Uploads against the filesystem store of the same server, downloads against curl straight from the service.
 */
const RUNS = 5;
const MEBIBYTES = 1024;
const MEBIBYTE = 1024 * 1024;
const RANGE = `${100 * MEBIBYTE + 5}-${612 * MEBIBYTE}`;

interface Service {
  readonly name: string;
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const { TEST_S3_URL: url, TEST_S3_ACCESS_KEY: accessKey, TEST_S3_SECRET_KEY: secretKey } = process.env;

const sink = spawn(process.execPath, [fileURLToPath(new URL('./support/s3-sink.js', import.meta.url))], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const [port] = await once(createInterface(sink.stdout), 'line');
  await measure({ name: 'sink', url: `http://127.0.0.1:${port}`, accessKey: 'a', secretKey: 'b' });
} finally {
  await stop(sink);
}
if (url && accessKey && secretKey) await measure({ name: 'real service', url, accessKey, secretKey });

async function measure(service: Service): Promise<void> {
  const bucket = 'bench';
  const site = await createSite({
    store: 's3',
    options: [
      `s3_store_host = ${service.url}\ns3_store_bucket = ${bucket}\ns3_store_create_bucket_on_put = True`,
      `s3_store_access_key = ${service.accessKey}\ns3_store_secret_key = ${service.secretKey}`,
    ],
  });
  try {
    await transfers(site, service, bucket);
    await memory(site, service);
  } finally {
    await site.remove();
  }
}

async function transfers(site: Awaited<ReturnType<typeof createSite>>, service: Service, bucket: string) {
  const file = join(site.folder, 'image.raw');
  await randomFile(file, MEBIBYTES);
  const server = await startServer(site);
  const store = await createS3Store(
    parseS3Options({
      s3_store_host: service.url,
      s3_store_bucket: bucket,
      s3_store_access_key: service.accessKey,
      s3_store_secret_key: service.secretKey,
    }),
  );
  const remove = (id: string) => seconds(['curl', '-sS', '--fail', '-X', 'DELETE', `${server.url}/v1/images/${id}`]);
  const timed = async (to: string): Promise<{ id: string; taken: number }> => {
    const started = performance.now();
    const id = await upload(server.url, file, to);
    return { id, taken: (performance.now() - started) / 1000 };
  };
  try {
    const ups: { file: number[]; s3: number[] } = { file: [], s3: [] };
    const downs: { ours: number[]; straight: number[]; ourRange: number[]; straightRange: number[] } = {
      ours: [],
      straight: [],
      ourRange: [],
      straightRange: [],
    };
    // The first round warms caches and threads up.
    for (let run = 0; run <= RUNS; run += 1) {
      const toFile = await timed('file');
      await remove(toFile.id);
      const toS3 = await timed('s3');
      const location = {
        url: `s3://${new URL(service.url).host}/${bucket}/${toS3.id}`,
        metadata: {},
        status: 'active',
      } as const;
      const straight = (await store.signedUrl?.(location, 3600)) ?? '';
      const ours = `${server.url}/v1/images/${toS3.id}`;
      const oursV2 = `${server.url}/v2/images/${toS3.id}/file`;
      const round = [
        await download(straight),
        await download(ours),
        await download(straight, RANGE),
        await download(oursV2, RANGE),
      ];
      await remove(toS3.id);
      if (run === 0) continue;
      ups.file.push(toFile.taken);
      ups.s3.push(toS3.taken);
      downs.straight.push(round[0] ?? Number.NaN);
      downs.ours.push(round[1] ?? Number.NaN);
      downs.straightRange.push(round[2] ?? Number.NaN);
      downs.ourRange.push(round[3] ?? Number.NaN);
    }
    const rate = (taken: readonly number[]): string => `${(MEBIBYTES / median(taken)).toFixed(0)} MiB/s`;
    console.log(
      `     ${service.name}: upload ${rate(ups.s3)}, filesystem ${rate(ups.file)}; download ${rate(downs.ours)}, curl ${rate(downs.straight)}`,
    );
    const ratio = median(ups.file) / median(ups.s3);
    if (service.name === 'sink')
      report('s3 upload, speed relative to the filesystem store', ratio, '', { atLeast: 0.8 });
    else
      console.log(
        `     ${service.name}: upload relative to the filesystem store ${ratio.toFixed(2)}, the service being the limit`,
      );
    report(`s3 download (${service.name}), speed relative to curl`, median(downs.straight) / median(downs.ours), '', {
      atLeast: 0.8,
    });
    report(
      `s3 range (${service.name}), speed relative to curl`,
      median(downs.straightRange) / median(downs.ourRange),
      '',
      {
        atLeast: 0.8,
      },
    );
  } finally {
    await store.close();
    await server.stop();
  }
}

async function memory(site: Awaited<ReturnType<typeof createSite>>, service: Service): Promise<void> {
  const file = join(site.folder, 'zeros.raw');
  const handle = await open(file, 'w');
  await handle.truncate(MEBIBYTES * MEBIBYTE);
  await handle.close();
  const server = await startServer(site);
  try {
    await pause(2000);
    report(`memory with an S3 store, idle (${service.name})`, await memoryMiB(server.pid, 'VmRSS'), 'MiB', {
      atMost: 110,
    });
    const ids = await Promise.all(Array.from({ length: 4 }, () => upload(server.url, file)));
    report(
      `memory, peak with four uploads of 1 GiB at once (${service.name})`,
      await memoryMiB(server.pid, 'VmHWM'),
      'MiB',
      {
        atMost: 200,
      },
    );
    for (const id of ids) await seconds(['curl', '-sS', '--fail', '-X', 'DELETE', `${server.url}/v1/images/${id}`]);
  } finally {
    await server.stop();
  }
}
