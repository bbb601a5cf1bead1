import test from 'ava';
import { ATTRIBUTES, createSchemas, type SchemaName } from '../../../../src/http/v2/schemas/create-schemas.js';
import { FORMATS, SCHEMAS } from '../codec-fixtures.js';

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The part of a document below these keys. */
function part(document: unknown, ...keys: readonly string[]): Json {
  const found = keys.reduce<unknown>((value, key) => (isJson(value) ? value[key] : undefined), document);
  if (!isJson(found)) throw new Error(`nothing at ${keys.join('.')}`);
  return found;
}

const document = (name: SchemaName) => part(SCHEMAS.document(name));

test('an image: every attribute with its constraints', (t) => {
  const image = document('image');
  t.deepEqual(Object.keys(image), ['name', 'properties', 'additionalProperties', 'links']);
  t.deepEqual(image.additionalProperties, { type: 'string' });
  t.deepEqual(image.links, [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ]);
  const attributes = Object.entries(part(image, 'properties')).map(([name, schema]) => {
    const { description: _, type, enum: choice, readOnly, maxLength, pattern, is_base, ...more } = part(schema);
    const bounds = [choice, maxLength, pattern === undefined ? undefined : 'UUID'].find((each) => each !== undefined);
    const marks = `${readOnly === true ? ' ro' : ''}${is_base === false ? ' custom' : ''}`;
    return `${name}: ${type}${bounds === undefined ? '' : ` ${bounds}`}${marks} ${Object.keys(more)}`.trim();
  });
  t.deepEqual(attributes, [
    'id: string UUID',
    'name: null,string 255',
    'status: string queued,saving,active,killed,deleted,uploading,importing,pending_delete,deactivated ro',
    'visibility: string community,public,private,shared',
    'protected: boolean',
    'os_hidden: boolean',
    'checksum: null,string 32 ro',
    'os_hash_algo: null,string 64 ro',
    'os_hash_value: null,string 128 ro',
    'owner: null,string 255',
    'size: null,integer ro',
    'virtual_size: null,integer ro',
    'container_format: null,string ,ami,ari,aki,bare,ovf,ova,docker,compressed',
    'disk_format: null,string ,ami,ari,aki,vhd,vhdx,vmdk,raw,qcow2,vdi,iso,ploop',
    'created_at: string ro',
    'updated_at: string ro',
    'tags: array items',
    'direct_url: string ro',
    'min_ram: integer',
    'min_disk: integer',
    'self: string ro',
    'file: string ro',
    'stores: string ro',
    'schema: string ro',
    'locations: array items',
    'kernel_id: null,string UUID custom',
    'ramdisk_id: null,string UUID custom',
    'instance_uuid: string custom',
    'architecture: string custom',
    'os_distro: string custom',
    'os_version: string custom',
    'description: string custom',
    'cinder_encryption_key_id: string custom',
    'cinder_encryption_key_deletion_policy: string on_image_deletion,do_not_delete custom',
  ]);
});

test('tags and locations: their items', (t) => {
  const properties = part(document('image'), 'properties');
  t.deepEqual(part(properties, 'tags').items, { type: 'string', maxLength: 255 });
  const item = part(properties, 'locations', 'items');
  t.deepEqual(item.required, ['url', 'metadata']);
  t.deepEqual(part(item, 'properties').url, { type: 'string', maxLength: 255 });
  t.deepEqual(part(item, 'properties').metadata, { type: 'object' });
  const { description: _, ...validation } = part(item, 'properties', 'validation_data');
  t.deepEqual(validation, {
    type: 'object',
    writeOnly: true,
    additionalProperties: false,
    properties: {
      checksum: { type: 'string', minLength: 32, maxLength: 32 },
      os_hash_algo: { type: 'string', maxLength: 64 },
      os_hash_value: { type: 'string', maxLength: 128 },
    },
    required: ['os_hash_algo', 'os_hash_value'],
  });
});

test('collections', (t) => {
  for (const [name, item] of [
    ['images', 'image'],
    ['members', 'member'],
  ] as const) {
    t.deepEqual(document(name), {
      name,
      properties: { [name]: { type: 'array', items: document(item) }, schema: { type: 'string' } },
      links: [{ rel: 'describedby', href: '{schema}' }],
    });
  }
});

test('members and tasks', (t) => {
  const keys = (name: SchemaName) => Object.keys(part(document(name), 'properties'));
  t.deepEqual(keys('member'), ['member_id', 'image_id', 'created_at', 'updated_at', 'status', 'schema']);
  const task = keys('task');
  t.deepEqual(task.slice(0, 7), ['id', 'type', 'status', 'input', 'result', 'owner', 'message']);
  t.deepEqual(task.slice(7), [
    'image_id',
    'request_id',
    'user_id',
    'expires_at',
    'created_at',
    'updated_at',
    'self',
    'schema',
  ]);
  const stub = Object.keys(part(document('tasks'), 'properties', 'tasks', 'items', 'properties'));
  t.deepEqual(
    stub,
    task.filter((name) => !['input', 'result', 'message'].includes(name)),
  );
  t.deepEqual(part(document('task'), 'properties', 'type').enum, ['import', 'api_image_import', 'location_import']);
});

test('a known property is a property, not an attribute', (t) => {
  t.true(ATTRIBUTES.has('locations'));
  t.false(ATTRIBUTES.has('kernel_id'));
});

test('one attribute by itself is not asked for those that a new image needs', (t) => {
  const schemas = createSchemas(FORMATS, { properties: { a: { type: 'string' } }, required: ['a'] });
  t.deepEqual(schemas.readAttribute('name', null), { name: null });
  t.throws(() => schemas.readAttribute('a', 5), { message: /5 is not of type 'string'/ });
  t.deepEqual(part(schemas.document('image')).required, ['a']);
});

test("an operator's properties do not redefine attributes", (t) => {
  t.throws(() => createSchemas(FORMATS, { name: { type: 'integer' } }), {
    message: "image property 'name' is an attribute of every image already",
  });
});
