import { type SchemaProperties, UUID_PATTERN } from './image.js';

const text = (description: string) => ({ type: 'string', description });
const id = (description: string) => ({ type: 'string', description, pattern: UUID_PATTERN });
const LINK = { readOnly: true, type: 'string' };

/** A project that an image is shared with (image-api-v2 section 2.12). */
export const MEMBER_PROPERTIES: SchemaProperties = {
  member_id: text('Project that the image is shared with'),
  image_id: id('Identifier of the image'),
  created_at: text('Time of sharing'),
  updated_at: text('Time of the last change'),
  status: { ...text("The project's answer"), enum: ['pending', 'accepted', 'rejected'] },
  schema: LINK,
};

const TASK_HEAD = {
  id: id('Identifier of the task'),
  type: { ...text('What the task does'), enum: ['import', 'api_image_import', 'location_import'] },
  status: { ...text('Where the task stands'), enum: ['pending', 'processing', 'success', 'failure'] },
};
const TASK_TAIL = {
  image_id: text('Image that the task works on'),
  request_id: text('Request that began the task'),
  user_id: text('User who began the task'),
  expires_at: { type: ['null', 'string'], description: 'Time from which the task may be removed' },
  created_at: text('Time of the beginning'),
  updated_at: text('Time of the last change'),
  self: LINK,
  schema: LINK,
};
const OWNER = text('Project that owns the task');

/** A task in a list: without its input, result and message. */
export const TASK_STUB_PROPERTIES: SchemaProperties = { ...TASK_HEAD, owner: OWNER, ...TASK_TAIL };

/** A task by itself. */
export const TASK_PROPERTIES: SchemaProperties = {
  ...TASK_HEAD,
  input: { type: ['null', 'object'], description: 'What the task was given' },
  result: { type: ['null', 'object'], description: 'What the task brought' },
  owner: OWNER,
  message: text('What happened, mostly on failure'),
  ...TASK_TAIL,
};
