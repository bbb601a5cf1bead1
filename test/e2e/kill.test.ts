import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { SeededRandom } from '../support/random.js';
import { exchange, RawConnection, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

/** How often the server dies; CI asks for more than a developer wants to wait for. */
const KILLS = Number(process.env.KILL_ROUNDS ?? 10);
const SEED = Number(process.env.KILL_SEED ?? 1);
const IMAGE_BYTES = 3 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
/** The lease of a dead process runs out, then its leftovers go. */
const RECOVERY_MS = 60_000;
const LEASE_SECONDS = 5;

interface ListedImage {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly size: number;
}

test.serial('kill -9 during uploads loses no image that was promised and leaves nothing behind', async (t) => {
  t.timeout(RECOVERY_MS + KILLS * 10_000);
  const random = new SeededRandom(SEED);
  const server = await ServerUnderTest.start({ glimpse: { upload_lease: LEASE_SECONDS } });
  t.teardown(() => server.dispose());
  const promised: string[] = [];

  for (let round = 0; round < KILLS; round++) {
    const uploads = [0, 1].map((lane) => uploadUntil(server.port, `seed-${round * 2 + lane}`, random));
    const answered = await Promise.all(uploads.map((upload) => upload.interrupted));
    await server.kill();
    for (const upload of uploads) upload.close();
    promised.push(...answered.filter((name) => name !== undefined));
    await server.start();
  }

  const images = await recovered(t, server);
  const active = images.filter((image) => image.status === 'active');
  for (const image of active) {
    const answer = await exchange(server.port, request('GET', `/v1/images/${image.id}`));
    t.is(answer?.status, 200);
    t.is(image.size, IMAGE_BYTES);
    t.true(answer?.body.equals(content(image.name)), `the bytes of ${image.name}`);
  }
  const names = new Set(active.map((image) => image.name));
  for (const name of promised) t.true(names.has(name), `${name} was answered with 201`);
  t.true(active.length < KILLS * 2, 'no upload was interrupted: the test shows nothing');
  await server.stop();
});

/** Sends an upload up to a random point: within the body, after its last byte, or after the answer (then with its name). */
function uploadUntil(port: number, name: string, random: SeededRandom) {
  const bytes = content(name);
  const stop = Math.floor(random.next() * 1.4 * IMAGE_BYTES);
  const pause = random.integer(0, 20);
  const chunked = random.next() < 0.3;
  let connection: RawConnection | undefined;
  const run = async (): Promise<string | undefined> => {
    connection = await RawConnection.open(port);
    await connection.send(
      `POST /v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n` +
        `x-image-meta-name: ${name}\r\nx-image-meta-disk_format: raw\r\nx-image-meta-container_format: bare\r\n` +
        `${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes.length}`}\r\n\r\n`,
    );
    for (let at = 0; at < Math.min(stop, bytes.length); at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      if (chunked) await connection.send(`${piece.length.toString(16)}\r\n`);
      await connection.send(piece);
      if (chunked) await connection.send('\r\n');
    }
    if (stop < bytes.length) return undefined;
    if (chunked) await connection.send('0\r\n\r\n');
    if (stop < bytes.length * 1.3) {
      await sleep(pause);
      return undefined;
    }
    return (await connection.answer())?.status === 201 ? name : undefined;
  };
  return { interrupted: run(), close: () => connection?.close() };
}

function content(name: string): Buffer {
  return new SeededRandom(Number(name.replace('seed-', '')) + 1000).bytes(IMAGE_BYTES);
}

/** The images, once no upload is pending and every stored file belongs to an active image; fails the test when that never comes. */
async function recovered(t: ExecutionContext, server: ServerUnderTest): Promise<readonly ListedImage[]> {
  const deadline = Date.now() + RECOVERY_MS;
  for (;;) {
    const images = await list(server.port);
    const owned = images.filter((image) => image.status === 'active').map((image) => image.id);
    const files = [...server.storedFiles()].sort();
    const pending = images.filter((image) => image.status === 'saving');
    if (pending.length === 0 && files.join() === owned.sort().join()) return images;
    if (Date.now() > deadline) {
      t.deepEqual(files, owned.sort(), 'files of the data folder');
      t.deepEqual(pending, [], 'uploads of dead processes');
      return images;
    }
    await sleep(250);
  }
}

async function list(port: number): Promise<readonly ListedImage[]> {
  const answer = await exchange(port, request('GET', '/v1/images/detail?is_public=None&limit=1000'));
  if (answer?.status !== 200) throw new Error(`the list answers ${answer?.status}`);
  const { images }: { images: ListedImage[] } = JSON.parse(answer.body.toString('utf8'));
  return images;
}
