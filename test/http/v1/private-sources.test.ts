import test from 'ava';
import { checkRow } from '../../support/v1-answer.js';
import { FORMATS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const { admin } = useServer({ glimpse: { block_private_addresses: 'True' } });

for (const host of ['10.0.0.1', '192.168.1.1', '[fd12::1]', '127.0.0.1', '169.254.169.254']) {
  for (const header of ['x-glance-api-copy-from', 'x-image-meta-location']) {
    test(`${header} of ${host} is refused where private addresses are blocked`, async (t) => {
      const request = { headers: { ...FORMATS, [header]: `http://${host}/image` } };
      const shown = host.replace(/[[\]]/g, '');
      await checkRow(t, admin, {
        title: host,
        send: ['POST', '/v1/images', request],
        status: 400,
        explains: `Sources on host '${shown}' are not allowed: its address is not open to requests, and allowed_hosts does not name it.`,
      });
    });
  }
}
