import { join } from 'node:path';
import test from 'ava';
import { ServerUnderTest } from '../support/server.js';
import { V1Client } from '../support/v1-client.js';
import { useFolder } from '../support/v1-server.js';

const PASTE = `
[pipeline:glance-api]
pipeline = versionnegotiation unauthenticated rootapp
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/v2: apiv2app
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:unauthenticated]
paste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory
`;
const folder = useFolder({ 'paste.ini': PASTE });

test('an API that the paste file does not mount is not there', async (t) => {
  const server = await ServerUnderTest.start({ paste_deploy: { config_file: join(folder, 'paste.ini') } });
  try {
    const client = new V1Client(() => server.port);
    t.is((await client.send('GET', '/v2/images')).status, 200);
    t.is((await client.send('GET', '/v1/images')).status, 404);
    await server.stop();
  } finally {
    server.dispose();
  }
});
