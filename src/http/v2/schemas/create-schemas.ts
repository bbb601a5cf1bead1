import type { Visibility } from '../../../domain/image.js';
import { compileSchema, errorDepth, schemaFault } from '../validate.js';
import { type Formats, IMAGE_LINKS, imageProperties, type SchemaProperties } from './image.js';
import { MEMBER_PROPERTIES, TASK_PROPERTIES, TASK_STUB_PROPERTIES } from './member-and-task.js';
import { readOperatorSchema } from './operator-properties.js';

/** A body that the schema of images holds for: attributes of its own, and custom properties beside them. */
export interface ImageBody {
  readonly id?: string;
  readonly name?: string | null;
  readonly visibility?: Visibility;
  readonly owner?: string | null;
  readonly protected?: boolean;
  readonly os_hidden?: boolean;
  readonly disk_format?: string | null;
  readonly container_format?: string | null;
  readonly min_ram?: number;
  readonly min_disk?: number;
  readonly tags?: readonly string[];
  readonly locations?: readonly LocationBody[];
  readonly [property: string]: unknown;
}

export interface LocationBody {
  readonly url: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly validation_data?: {
    readonly checksum?: string;
    readonly os_hash_algo: string;
    readonly os_hash_value: string;
  };
}

/** The names of the schemas that there are, in the order of image-api-v2 section 2.12. */
export const SCHEMA_NAMES = ['image', 'images', 'member', 'members', 'task', 'tasks'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** The schemas that this server publishes and checks by. */
export interface Schemas {
  /** What `GET /v2/schemas/{name}` shows. */
  document(name: SchemaName): object;
  /** The image of a new image's request. Throws 400 with the first thing that is wrong. */
  readImage(body: object): ImageBody;
  /** One attribute or property of a change, whatever a new image would be required to have. Throws 400. */
  readAttribute(name: string, value: unknown): ImageBody;
}

/** The names of an image's own attributes; any other name is a custom property. */
export const ATTRIBUTES: ReadonlySet<string> = new Set(Object.keys(imageProperties({ disk: [], container: [] })));

function collection(name: string, items: object): object {
  return {
    name,
    properties: { [name]: { type: 'array', items }, schema: { type: 'string' } },
    links: [{ rel: 'describedby', href: '{schema}' }],
  };
}

function imageDocument(formats: Formats, operator: SchemaProperties) {
  const base = imageProperties(formats);
  for (const name of Object.keys(operator)) {
    if (Object.hasOwn(base, name)) throw new Error(`image property '${name}' is an attribute of every image already`);
  }
  const custom = Object.entries(operator).map(([name, schema]) => [name, { ...schema, is_base: false }] as const);
  return {
    name: 'image',
    properties: { ...base, ...Object.fromEntries(custom) },
    additionalProperties: { type: 'string' },
    links: IMAGE_LINKS,
  };
}

/**
 * The schemas of this server (image-api-v2 section 2.12). `operatorSchema` is the parsed content of schema-image.json.
 * Throws an Error that says what is wrong with it.
 */
export function createSchemas(formats: Formats, operatorSchema?: unknown): Schemas {
  const operator = readOperatorSchema(operatorSchema);
  const anyImage = imageDocument(formats, operator.properties);
  const image = operator.required.length === 0 ? anyImage : { ...anyImage, required: operator.required };
  const member = { name: 'member', properties: MEMBER_PROPERTIES };
  const documents: Readonly<Record<SchemaName, object>> = {
    image,
    images: collection('images', image),
    member,
    members: collection('members', member),
    task: { name: 'task', properties: TASK_PROPERTIES },
    tasks: collection('tasks', { name: 'task', properties: TASK_STUB_PROPERTIES }),
  };
  const isNewImage = compileSchema<ImageBody>(image);
  const isAnyImage = compileSchema<ImageBody>(anyImage);

  /** Own attributes first and in the schema's order, a wrong value before a wrong part of one: that is what Glance tells of several errors. */
  function refuse(body: object): void {
    const given = new Map(Object.entries(body));
    let inner: Error | undefined;
    for (const name of new Set([...Object.keys(anyImage.properties), ...given.keys()])) {
      if (!given.has(name)) continue;
      if (isAnyImage({ [name]: given.get(name) })) continue;
      for (const error of isAnyImage.errors ?? []) {
        if (errorDepth(error) === 1) throw schemaFault('image', error);
        inner ??= schemaFault('image', error);
      }
    }
    if (inner !== undefined) throw inner;
  }

  return {
    document: (name) => documents[name],
    readImage(body) {
      if (isNewImage(body)) return body;
      const [error] = isNewImage.errors ?? [];
      if (error !== undefined && errorDepth(error) === 0) throw schemaFault('image', error);
      refuse(body);
      throw new Error('a body that the schema refuses has an attribute that it refuses');
    },
    readAttribute(name, value) {
      const body: object = { [name]: value };
      if (isAnyImage(body)) return body;
      const [error] = isAnyImage.errors ?? [];
      throw error === undefined ? new Error('a refusal comes with its error') : schemaFault('image', error);
    },
  };
}
