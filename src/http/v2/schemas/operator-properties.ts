import type { SchemaProperties } from './image.js';
import { UUID_PATTERN } from './image.js';

/** What an operator's file says of images: custom properties, and which of them a new image must have. */
export interface OperatorSchema {
  readonly properties: SchemaProperties;
  readonly required: readonly string[];
}

const text = (description: string) => ({ description, type: 'string' });
const image = (description: string) => ({ type: ['null', 'string'], pattern: UUID_PATTERN, description });

/** The properties that most clouds agree on: in force where an operator gives no file of their own. */
export const COMMON_PROPERTIES: SchemaProperties = {
  kernel_id: image('Image of the kernel that an AMI boots with'),
  ramdisk_id: image('Image of the ramdisk that an AMI boots with'),
  instance_uuid: text('Server that the image was taken from'),
  architecture: text('Architecture of the processor'),
  os_distro: text('Short name of the operating system'),
  os_version: text("The operating system's version"),
  description: text('What the image is, for people to read'),
  cinder_encryption_key_id: text('Key of the encrypted volume'),
  cinder_encryption_key_deletion_policy: {
    ...text('What becomes of the key with the image'),
    enum: ['on_image_deletion', 'do_not_delete'],
  },
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Beside other keys, `properties` and `required` are properties of those names. */
function isWrapped(content: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(content).every((key) => key === 'properties' || key === 'required');
}

function readProperties(content: unknown): SchemaProperties {
  if (!isObject(content)) throw new Error('the schema of images must be an object of properties');
  const entries = Object.entries(content).map(([name, schema]) => {
    if (!isObject(schema)) throw new Error(`the schema of image property '${name}' must be an object`);
    return [name, schema] as const;
  });
  return Object.fromEntries(entries);
}

function readRequired(content: unknown, properties: SchemaProperties): string[] {
  if (content === undefined) return [];
  if (!Array.isArray(content)) throw new Error("'required' in the schema of images must be a list of names");
  return content.map((name: unknown) => {
    if (typeof name !== 'string' || !Object.hasOwn(properties, name)) {
      throw new Error(
        `'required' in the schema of images names ${JSON.stringify(name)}, which is not among its properties`,
      );
    }
    return name;
  });
}

/**
 * Reads an operator's schema-image.json: a flat map of properties, or `{"properties": {}, "required": []}` (image-api-v2 section 2.12).
 * Throws an Error that says what is wrong with it.
 */
export function readOperatorSchema(content: unknown): OperatorSchema {
  if (content === undefined) return { properties: COMMON_PROPERTIES, required: [] };
  if (!isObject(content) || !isWrapped(content)) return { properties: readProperties(content), required: [] };
  const properties = readProperties(content.properties ?? {});
  return { properties, required: readRequired(content.required, properties) };
}
