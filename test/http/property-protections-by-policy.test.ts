import { join } from 'node:path';
import test from 'ava';
import { checkAnswer } from '../support/v1-answer.js';
import { useFolder, useServer, writePolicy } from '../support/v1-server.js';

const FILE =
  '[^x_boss]\ncreate = boss\nread = boss\nupdate = boss\ndelete = !\n[.*]\ncreate = @\nread = @\nupdate = @\ndelete = @\n';
const folder = useFolder({ 'protect.conf': FILE });
const options = {
  property_protection_file: join(folder, 'protect.conf'),
  property_protection_rule_format: 'policies',
};
const server = useServer({ DEFAULT: options }, { policy: { boss: 'role:chief' } });
const NAME = 'x-image-meta-property-x_boss';

test.serial('the policy that a section names decides, in both APIs, as it is at the time', async (t) => {
  const { admin } = server;
  writePolicy(server.running, { boss: 'role:chief' });
  const chief = admin.as('u:t:member,chief');
  const member = admin.as('u:t:member');
  const { id } = await chief.create({ [NAME]: '1', 'x-image-meta-property-y': '2' });
  t.is((await chief.send('HEAD', `/v1/images/${id}`)).headers[NAME], '1');
  t.is((await member.send('HEAD', `/v1/images/${id}`)).headers[NAME], undefined);
  t.is((await member.send('HEAD', `/v1/images/${id}`)).headers['x-image-meta-property-y'], '2');
  checkAnswer(t, await member.send('POST', '/v1/images', { headers: { [NAME]: '1' } }), {
    status: 403,
    explains: "Property 'x_boss' is protected",
  });
  t.true('x_boss' in JSON.parse((await chief.send('GET', `/v2/images/${id}`)).text));
  t.false('x_boss' in JSON.parse((await member.send('GET', `/v2/images/${id}`)).text));
  writePolicy(server.running, { boss: 'role:member' });
  t.is((await member.send('HEAD', `/v1/images/${id}`)).headers[NAME], '1');
  t.true('x_boss' in JSON.parse((await member.send('GET', `/v2/images/${id}`)).text));
  checkAnswer(t, await chief.send('PUT', `/v1/images/${id}`), {
    status: 403,
    explains: "Property 'x_boss' is protected",
  });
});
