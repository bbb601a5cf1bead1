import test from 'ava';
import { type FakeSource, startFakeSource } from '../../support/fake-source.js';
import { FORMATS, imageOf, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

let source: FakeSource;
const { member } = useV2Server(
  {
    DEFAULT: { show_multiple_locations: true, user_storage_quota: '800B' },
    import_filtering_opts: { allowed_hosts: '[127.0.0.1]', allowed_ports: '[]' },
  },
  {
    async prepare() {
      source = await startFakeSource();
    },
  },
);
test.after.always('the source closes', () => source?.close());

test('every location counts as much against the storage quota as the image is large', async (t) => {
  const user = member();
  const add = (path: string) => [{ op: 'add', path: '/locations/-', value: { url: source.url + path, metadata: {} } }];
  const { id } = await user.create(FORMATS);
  t.is((await user.patch(id, add('/bytes/500'))).status, 200);
  t.regex(verdict(await user.patch(id, add('/bytes/500/again'))), /^413 Image exceeds the storage quota: /);
  const { locations } = imageOf(await user.get(`/v2/images/${id}`));
  t.is(Array.isArray(locations) && locations.length, 1, 'what was refused has changed nothing');
  t.is((await user.send('DELETE', `/v2/images/${id}`)).status, 204);
  const other = await user.create(FORMATS);
  t.is((await user.patch(other.id, add('/bytes/500'))).status, 200, 'a deleted image counts no more');
});
