import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { Member, MemberStatus } from '../../domain/member.js';
import { refuseForeign } from '../../service/image-service.js';
import { actorOf, type Context } from '../context.js';
import { fault } from '../fault.js';
import { readJson } from '../request-body.js';
import { type Handler, segment } from '../routes.js';
import { authorize, refuse, refuseReadOnly, visibleImage } from './access.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';
import { presentMember } from './present-member.js';

const STATUSES: readonly MemberStatus[] = ['pending', 'accepted', 'rejected'];

function imageOf(ctx: Context, api: V2Api): Promise<Image> {
  const id = segment(ctx, 'id');
  return visibleImage(ctx, api, id, `Image ${id} not found.`);
}

/** The image, to do something to its members: only shared ones have any. */
async function sharedImage(ctx: Context, api: V2Api, verb: 'create' | 'update' | 'delete'): Promise<Image> {
  const image = await imageOf(ctx, api);
  if (image.visibility !== 'shared') throw fault(403, `Not allowed to ${verb} members for image ${image.id}.`);
  return image;
}

function notInList(ctx: Context): Error {
  return fault(404, `${segment(ctx, 'member')} not found in the member list of the image ${segment(ctx, 'id')}.`);
}

async function memberOf(ctx: Context, api: V2Api, image: Image): Promise<Member> {
  try {
    return await api.members.find(actorOf(ctx), image, segment(ctx, 'member'));
  } catch (error) {
    if (isRegistryError(error, 'not-found')) throw notInList(ctx);
    throw error;
  }
}

/** One member of a JSON body; undefined when it has none of this name. */
async function readMember(ctx: Context, name: 'member' | 'status', form: string): Promise<unknown> {
  const body = await readJson(ctx.req);
  if (body === undefined) throw fault(400, 'Body expected in request.');
  if (Array.isArray(body)) throw fault(400, `Expected a ${name} in the form: {"${name}": "${form}"}`);
  return new Map<string, unknown>(Object.entries(body)).get(name);
}

/** Whom to share with: a text of at most 255 characters. */
async function readNewMember(ctx: Context): Promise<string> {
  const value = await readMember(ctx, 'member', 'image_id');
  if (value === undefined) throw fault(400, 'Member to be added not specified');
  if (value === '' || value === null) throw fault(400, "Member can't be empty");
  if (typeof value === 'string' && /[\u{10000}-\u{10ffff}]/u.test(value)) {
    throw fault(400, "Member can't contain 4 byte unicode characters.");
  }
  if (typeof value !== 'string' || value.length > 255) {
    throw fault(400, 'Expected a member in the form: {"member": "image_id"}');
  }
  return value;
}

/** `GET /v2/images/{id}/members`: image-api-v2 section 2.9. A member sees its own entry only. */
export const listMembers: Handler<V2Api> = async (ctx, api) => {
  const image = await imageOf(ctx, api);
  if (image.visibility !== 'shared') {
    throw fault(403, `Not allowed to list members for image ${image.id}: Only shared images have members.`);
  }
  authorize(ctx, api, 'get_members', image, actorOf(ctx).tenant);
  const actor = actorOf(ctx);
  const members = (await api.members.list(actor, image)).filter(({ member }) =>
    api.policy.allows(actor, 'get_member', { owner: image.owner, member_id: member }),
  );
  sendJson(ctx, { members: members.map(presentMember), schema: '/v2/schemas/members' });
};

/** `POST /v2/images/{id}/members`: 200, not 201. */
export const addMember: Handler<V2Api> = async (ctx, api) => {
  const member = await readNewMember(ctx);
  refuseReadOnly(ctx);
  const image = await sharedImage(ctx, api, 'create');
  authorize(ctx, api, 'add_member', image);
  refuseForeign(actorOf(ctx), image);
  try {
    sendJson(ctx, presentMember(await api.members.add(image, member)));
  } catch (error) {
    if (isRegistryError(error, 'duplicate')) throw fault(409, `Member ${member} is duplicated for image ${image.id}`);
    if (isRegistryError(error, 'quota'))
      throw fault(413, `Image member limit exceeded for image ${image.id}: ${error.message}:`);
    throw error;
  }
};

/** `GET /v2/images/{id}/members/{member}` */
export const showMember: Handler<V2Api> = async (ctx, api) => {
  const image = await imageOf(ctx, api);
  if (image.visibility !== 'shared') throw fault(404, 'Only shared images have members.');
  const member = await memberOf(ctx, api, image);
  if (!api.policy.allows(actorOf(ctx), 'get_member', { owner: image.owner, member_id: member.member }))
    throw fault(404);
  sendJson(ctx, presentMember(member));
};

/** `PUT /v2/images/{id}/members/{member}`: the member's own answer to being one. */
export const updateMember: Handler<V2Api> = async (ctx, api) => {
  const said = await readMember(ctx, 'status', 'status');
  if (said === undefined) throw fault(400, 'Status not specified');
  refuseReadOnly(ctx);
  const image = await sharedImage(ctx, api, 'update');
  const member = await memberOf(ctx, api, image);
  authorize(ctx, api, 'modify_member', image, member.member);
  // Being shared with is the member's own to answer, whatever a policy says.
  const actor = actorOf(ctx);
  if (!actor.isAdmin && actor.owner !== member.member) throw refuse('modify_member');
  // Only who may answer is told which answers there are, as Glance does.
  const status = STATUSES.find((known) => known === said);
  if (status === undefined) throw fault(400, 'Incorrect request: Status must be "pending", "accepted" or "rejected".');
  sendJson(ctx, presentMember(await api.members.setStatus(image, member.member, status)));
};

/** `DELETE /v2/images/{id}/members/{member}` */
export const removeMember: Handler<V2Api> = async (ctx, api) => {
  refuseReadOnly(ctx);
  const image = await sharedImage(ctx, api, 'delete');
  const member = await memberOf(ctx, api, image);
  authorize(ctx, api, 'delete_member', image);
  refuseForeign(actorOf(ctx), image);
  await api.members.drop(image, member.member);
  ctx.status = 204;
};
