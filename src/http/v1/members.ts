import type { Actor } from '../../domain/actor.js';
import { isRegistryError } from '../../domain/errors.js';
import type { Image } from '../../domain/image.js';
import type { MemberChange } from '../../domain/member.js';
import { actorOf, type Context } from '../context.js';
import { detailed, fault } from '../fault.js';
import { readJson } from '../request-body.js';
import { type Handler, segment } from '../routes.js';
import { sendJson } from './answer.js';
import type { V1Api } from './api.js';
import { findImage } from './find-image.js';
import { presentMember, presentMembership } from './present.js';
import { quotedExplanation, registryText } from './registry-text.js';
import { refuseReadOnly } from './write-access.js';

async function liveImage(ctx: Context, api: V1Api): Promise<Image> {
  const id = segment(ctx, 'id');
  const image = await findImage(ctx, api, id);
  if (image.deleted) throw detailed(404, `Image with identifier ${id} has been deleted.`);
  return image;
}

/** Who changes memberships needs a tenant to be known by, unless it is an admin (image-api-v1 section 5.7). */
function refuseNobody(actor: Actor): void {
  if (!actor.isAdmin && actor.owner === null) throw detailed(401, 'No authenticated user');
}

/** The registry's refusals as the API quotes them; no right to share is a 404 there (image-api-v1 section 1.10). */
async function quoting(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isRegistryError(error, 'forbidden')) throw fault(404, registryText(detailed(403, error.message)));
    if (isRegistryError(error, 'not-found'))
      throw fault(404, registryText(fault(404, 'Membership could not be found.')));
    throw error;
  }
}

function empty(ctx: Context): void {
  ctx.status = 204;
  ctx.body = null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The tenant of a member's path. Glance handed it on to its registry with the bytes of its UTF-8 taken for characters, twice over:
 * the recorded answers have it so. Ids of real tenants are ASCII, which this leaves as it is.
 */
function pathMember(ctx: Context): string {
  const misread = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
  return misread(misread(segment(ctx, 'member')));
}

/** Whatever stands under `can_share` counts by its truth: the text "false" is true (image-api-v1 section 1.10). */
function readMember(member: string, body: object | undefined): MemberChange {
  if (!isObject(body) || !Object.hasOwn(body, 'member')) return { member };
  const { member: content } = body;
  if (isObject(content))
    return Object.hasOwn(content, 'can_share') ? { member, canShare: isTruthy(content.can_share) } : { member };
  if (Array.isArray(content) || typeof content === 'string') return { member };
  throw fault(400, "Invalid member: 'member' must be an object");
}

/** Python's truth. */
function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

function invalidAssociation(why: string): Error {
  return quotedExplanation(400, `Invalid membership association: ${why}`);
}

/** `{"memberships": [...]}`, or one membership by itself, as Glance's own client sends it. */
function readMemberships(body: object | undefined): MemberChange[] {
  if (!isObject(body)) throw invalidAssociation("'memberships'");
  const list = Object.hasOwn(body, 'memberships') ? body.memberships : [body];
  if (!Array.isArray(list)) throw invalidAssociation("'memberships' must be a list");
  return list.map((entry: unknown) => {
    if (!isObject(entry)) throw invalidAssociation('a membership must be an object');
    const { member_id: member } = entry;
    if (typeof member !== 'string') throw invalidAssociation("'member_id'");
    return Object.hasOwn(entry, 'can_share') ? { member, canShare: isTruthy(entry.can_share) } : { member };
  });
}

/** `GET /v1/images/{id}/members`. */
export const listMembers: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  api.policy.enforce(actor, 'get_members');
  const image = await liveImage(ctx, api);
  sendJson(ctx, { members: (await api.members.list(actor, image)).map(presentMember) });
};

/** `PUT /v1/images/{id}/members/{tenant}`. */
export const putMember: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  const body = await readJson(ctx.req);
  refuseReadOnly(actor);
  api.policy.enforce(actor, 'modify_member');
  const change = readMember(pathMember(ctx), body);
  const image = await liveImage(ctx, api);
  refuseNobody(actor);
  await quoting(api.members.put(actor, image, change));
  empty(ctx);
};

/** `PUT /v1/images/{id}/members`: replaces them all. */
export const replaceMembers: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  const body = await readJson(ctx.req);
  refuseReadOnly(actor);
  api.policy.enforce(actor, 'modify_member');
  const image = await liveImage(ctx, api);
  refuseNobody(actor);
  await quoting(api.members.replace(actor, image, readMemberships(body)));
  empty(ctx);
};

/** `DELETE /v1/images/{id}/members/{tenant}`. */
export const removeMember: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  refuseReadOnly(actor);
  api.policy.enforce(actor, 'delete_member');
  const image = await liveImage(ctx, api);
  refuseNobody(actor);
  await quoting(api.members.remove(actor, image, pathMember(ctx)));
  empty(ctx);
};

/** Any method on `/v1/shared-images/{tenant}`: never a 404, for an unknown tenant an empty list. */
export const sharedImages: Handler<V1Api> = async (ctx, api) => {
  const members = await api.members.sharedWith(actorOf(ctx), segment(ctx, 'member'));
  sendJson(ctx, { shared_images: members.map(presentMembership) });
};
