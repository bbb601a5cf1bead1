import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import test from 'ava';
import { checkAnswer } from '../../support/v1-answer.js';
import { FORMATS, OCTETS, type V1Request } from '../../support/v1-client.js';
import { useFolder, useServer } from '../../support/v1-server.js';

/** Whether the command did its work. */
function run(command: string, ...argv: string[]): boolean {
  return spawnSync(command, argv).status === 0;
}

const MIB = 1024 * 1024;
/** Mounting takes root, and in a container the right to mount as well. */
function mount(folder: string): boolean {
  return run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
}

const probe = useFolder();
const mountable = mount(probe) && run('umount', probe);
const onDisk = mountable ? test.serial : test.serial.skip;
const server = useServer(
  {},
  {
    async prepare() {
      if (mountable) mount(server.running.images);
    },
    finish() {
      if (mountable) run('umount', '-l', server.running.images);
    },
  },
);
const { admin } = server;

const FULL = 'Image storage media is full: There is not enough disk space on the image storage media.';

/** Uploads beyond what the disk holds (image-api-v1 section 3.3). */
const UPLOADS: readonly [title: string, data: Pick<V1Request, 'body' | 'chunks'>][] = [
  ['an announced length', { body: Buffer.alloc(2 * MIB) }],
  ['a length that nobody knows', { chunks: [Buffer.alloc(MIB / 2), Buffer.alloc(MIB)] }],
];
for (const [title, data] of UPLOADS) {
  onDisk(`a full disk and ${title}: 413, killed, and the room is free again`, async (t) => {
    const id = randomUUID();
    const request = { headers: { ...FORMATS, ...OCTETS, 'x-image-meta-id': id }, ...data };
    checkAnswer(t, await admin.send('POST', '/v1/images', request), { status: 413, explains: FULL });
    t.is(await admin.statusOf(id), 'killed');
    const half = await admin.create({}, Buffer.alloc(MIB / 2));
    t.is((await admin.send('DELETE', `/v1/images/${half.id}`)).status, 200);
  });
}

onDisk('a disk that may not be written: 503 and killed', async (t) => {
  t.true(run('mount', '-o', 'remount,ro', server.running.images));
  const id = randomUUID();
  const request = { headers: { ...FORMATS, ...OCTETS, 'x-image-meta-id': id }, body: 'data' };
  checkAnswer(t, await admin.send('POST', '/v1/images', request), {
    status: 503,
    explains: 'Insufficient permissions on image storage media: Permission to write image storage media denied.',
  });
  t.is(await admin.statusOf(id), 'killed');
  t.true(run('mount', '-o', 'remount,rw', server.running.images));
});
