import test from 'ava';
import { useV2Server } from '../../support/v2-server.js';

const { admin } = useV2Server({
  DEFAULT: { enabled_backends: 'one:file' },
  glance_store: { default_backend: 'one' },
  one: { filesystem_store_datadir: 'images' },
  glimpse: { auto_migrate: true, api_version: '2.16' },
});

test('a server that stands in for an older release tells of stores what that release told', async (t) => {
  const { stores }: { stores: object[] } = JSON.parse((await admin.get('/v2/info/stores/detail')).text);
  t.deepEqual(
    stores.map((store) => Object.keys(store)),
    [['id', 'default', 'type', 'properties']],
  );
});
