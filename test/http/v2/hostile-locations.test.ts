import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type FakeSource, sourceBytes, startFakeSource } from '../../support/fake-source.js';
import { FORMATS, type V2Client, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

/** Rules under which everybody may do with locations what they see. */
const folder = mkdtempSync(join(tmpdir(), 'glimpse-policy-'));
const policy_file = join(folder, 'policy.json');
writeFileSync(
  policy_file,
  JSON.stringify({ add_image_location: '', delete_image_location: '', get_image_location: '', communitize_image: '' }),
);
let source: FakeSource;
const server = useV2Server(
  {
    DEFAULT: { do_secure_hash: false, enabled_backends: 'one:file,web:http' },
    glance_store: { default_backend: 'one' },
    one: { filesystem_store_datadir: 'images/one' },
    import_filtering_opts: { allowed_hosts: '127.0.0.1', allowed_ports: '' },
    oslo_policy: { policy_file },
  },
  {
    async prepare() {
      source = await startFakeSource();
    },
  },
);
test.after.always('the source closes', async () => {
  await source?.close();
  rmSync(folder, { recursive: true });
});
const { member, admin } = server;

const add = (client: V2Client, id: string, path: string) =>
  client.send('POST', `/v2/images/${id}/locations`, { json: { url: source.url + path } });

test('an image of unknown size is sent to its end, not as no bytes', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  t.is((await add(user, id, '/nolength/5000')).status, 202);
  t.is((await user.show(id)).size, null);
  for (const headers of [{}, { range: 'bytes=10-19' }]) {
    const answer = await user.get(`/v2/images/${id}/file`, headers);
    t.is(answer.status, 200);
    t.true(answer.body.equals(sourceBytes(5000)));
  }
  t.is((await user.send('HEAD', `/v2/images/${id}/file`)).headers['content-length'], undefined);
  t.true((await user.get(`/v1/images/${id}`)).body.equals(sourceBytes(5000)));
});

test('API v1 does not know the size either, and sends the bytes', async (t) => {
  const headers = {
    'x-image-meta-name': 'unknown',
    'x-image-meta-disk_format': 'raw',
    'x-image-meta-container_format': 'bare',
    'x-image-meta-location': `${source.url}/nolength/3000`,
  };
  const { image }: { image: { id: string } } = JSON.parse(
    (await admin.expect(201, 'POST', '/v1/images', { headers })).text,
  );
  t.true((await admin.get(`/v1/images/${image.id}`)).body.equals(sourceBytes(3000)));
  t.true((await admin.get(`/v2/images/${image.id}/file`)).body.equals(sourceBytes(3000)));
});

test("policies may say no, never yes, to changes of someone else's locations", async (t) => {
  const owner = member();
  const { id } = await owner.create({ ...FORMATS, visibility: 'community' });
  t.is(verdict(await add(member(), id, '/bytes/4')), '403 You do not own this image');
  t.is((await owner.show(id)).status, 'queued');
  t.is((await add(admin.as('nova:elsewhere:service'), id, '/bytes/4')).status, 202, 'services may');
  t.is(verdict(await member().send('DELETE', `/v2/stores/web/${id}`)), '403 You do not own this image');
});
