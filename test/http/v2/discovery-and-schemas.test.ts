import test from 'ava';
import { verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { admin, member } = useV2Server({
  image_format: { disk_formats: 'raw,gpt', container_formats: 'bare' },
});

const UUID = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$';

interface Property {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly is_base?: boolean;
  readonly items?: Schema;
}
interface Schema {
  readonly name?: string;
  readonly type?: string;
  readonly maxLength?: number;
  readonly properties: Readonly<Record<string, Property>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly links?: unknown;
}

async function schema(name: string): Promise<Schema> {
  const found: Schema = JSON.parse((await admin.expect(200, 'GET', `/v2/schemas/${name}`)).text);
  return found;
}

/** Attributes of an image and what holds for them, descriptions aside (image-api-v2 section 2.12). */
const IMAGE: Readonly<Record<string, Property>> = {
  id: { type: 'string', pattern: UUID },
  name: { type: ['null', 'string'], maxLength: 255 },
  status: {
    type: 'string',
    readOnly: true,
    enum: [
      'queued',
      'saving',
      'active',
      'killed',
      'deleted',
      'uploading',
      'importing',
      'pending_delete',
      'deactivated',
    ],
  },
  visibility: { type: 'string', enum: ['community', 'public', 'private', 'shared'] },
  protected: { type: 'boolean' },
  os_hidden: { type: 'boolean' },
  checksum: { type: ['null', 'string'], readOnly: true, maxLength: 32 },
  os_hash_algo: { type: ['null', 'string'], readOnly: true, maxLength: 64 },
  os_hash_value: { type: ['null', 'string'], readOnly: true, maxLength: 128 },
  owner: { type: ['null', 'string'], maxLength: 255 },
  size: { type: ['null', 'integer'], readOnly: true },
  virtual_size: { type: ['null', 'integer'], readOnly: true },
  container_format: { type: ['null', 'string'], enum: [null, 'bare'] },
  disk_format: { type: ['null', 'string'], enum: [null, 'raw', 'gpt'] },
  created_at: { type: 'string', readOnly: true },
  updated_at: { type: 'string', readOnly: true },
  min_ram: { type: 'integer' },
  min_disk: { type: 'integer' },
  direct_url: { type: 'string', readOnly: true },
  self: { type: 'string', readOnly: true },
  file: { type: 'string', readOnly: true },
  schema: { type: 'string', readOnly: true },
  stores: { type: 'string', readOnly: true },
};

/** Properties that most clouds agree on: in the schema where no file of the operator takes their place. */
const COMMON: Readonly<Record<string, Property>> = {
  kernel_id: { type: ['null', 'string'], pattern: UUID, is_base: false },
  ramdisk_id: { type: ['null', 'string'], pattern: UUID, is_base: false },
  instance_uuid: { type: 'string', is_base: false },
  architecture: { type: 'string', is_base: false },
  os_distro: { type: 'string', is_base: false },
  os_version: { type: 'string', is_base: false },
  description: { type: 'string', is_base: false },
  cinder_encryption_key_id: { type: 'string', is_base: false },
  cinder_encryption_key_deletion_policy: {
    type: 'string',
    enum: ['on_image_deletion', 'do_not_delete'],
    is_base: false,
  },
};

function plain(property: Property | undefined): object {
  const { description: _, items: __, ...rest }: Property & { description?: string } = property ?? {};
  return rest;
}

test('the schema of an image is one that any property fits', async (t) => {
  const image = await schema('image');
  t.is(image.name, 'image');
  t.deepEqual(image.additionalProperties, { type: 'string' });
  t.deepEqual(image.links, [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ]);
  const described = { ...IMAGE, ...COMMON };
  for (const [name, wanted] of Object.entries(described)) t.deepEqual(plain(image.properties[name]), wanted, name);
  t.deepEqual(Object.keys(image.properties).sort(), [...Object.keys(described), 'tags', 'locations'].sort());
  t.like(image.properties.tags, { type: 'array', items: { type: 'string', maxLength: 255 } });
  t.deepEqual(image.properties.locations?.items?.required, ['url', 'metadata']);
});

test('what an image shows is in its schema', async (t) => {
  const image = await member().create({}, 'data');
  const { properties } = await schema('image');
  for (const name of Object.keys(image)) t.true(name in properties, name);
});

test('the schema of images is made of that of one', async (t) => {
  const { properties, name, links } = await schema('images');
  t.is(name, 'images');
  t.deepEqual(links, [{ rel: 'describedby', href: '{schema}' }]);
  t.deepEqual(properties, {
    images: { type: 'array', items: await schema('image') },
    schema: { type: 'string' },
  });
});

test('members and their schema', async (t) => {
  const one = await schema('member');
  t.is(one.name, 'member');
  t.deepEqual(Object.keys(one.properties).sort(), [
    'created_at',
    'image_id',
    'member_id',
    'schema',
    'status',
    'updated_at',
  ]);
  t.deepEqual(plain(one.properties.status), { type: 'string', enum: ['pending', 'accepted', 'rejected'] });
  t.is(one.properties.image_id?.pattern, UUID);
  t.is(one.properties.schema?.readOnly, true);
  t.deepEqual((await schema('members')).properties.members, { type: 'array', items: one });
});

test('tasks are described, in a list by less than alone', async (t) => {
  const one = await schema('task');
  t.deepEqual(plain(one.properties.status), { type: 'string', enum: ['pending', 'processing', 'success', 'failure'] });
  t.deepEqual(plain(one.properties.type), { type: 'string', enum: ['import', 'api_image_import', 'location_import'] });
  const listed = Object.keys((await schema('tasks')).properties.tasks?.items?.properties ?? {});
  t.deepEqual(
    Object.keys(one.properties)
      .filter((name) => !listed.includes(name))
      .sort(),
    ['input', 'message', 'result'],
  );
});

test('there are no other schemas', async (t) => {
  for (const name of ['nothing', 'Image', 'metadefs', 'constructor']) {
    t.is(verdict(await admin.get(`/v2/schemas/${name}`)), '404 The resource could not be found.', name);
  }
});

test('formats are those of the configuration', async (t) => {
  const post = (json: object) => member().send('POST', '/v2/images', { json });
  t.is((await post({ disk_format: 'gpt' })).status, 201);
  t.is(
    verdict(await post({ disk_format: 'qcow2' })),
    "400 Provided object does not match schema 'image': 'qcow2' is not one of [None, 'raw', 'gpt']",
  );
});

test('only what works is announced', async (t) => {
  const user = member();
  const told = async (path: string): Promise<unknown> => JSON.parse((await user.get(path)).text);
  t.deepEqual(await told('/v2/info/import'), {
    'import-methods': { description: 'Import methods available.', type: 'array', value: [] },
  });
  t.deepEqual(await told('/v2/info/usage'), { usage: {} });
  for (const path of ['/v2/info/stores', '/v2/info/stores/detail']) {
    t.is(verdict(await user.get(path)), '404 Multi backend is not supported at this site.');
  }
  for (const path of ['/v2/info/import', '/v2/info/usage', '/v2/schemas/image']) {
    t.is((await user.get(path)).headers['content-type'], 'application/json');
  }
});
