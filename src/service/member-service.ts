import type { Actor } from '../domain/actor.js';
import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { Image } from '../domain/image.js';
import type { Member, MemberChange, MemberStatus } from '../domain/member.js';
import type { MemberRegistry } from '../domain/ports/members.js';

/** With whom images are shared. */
export class MemberService {
  constructor(
    private readonly members: MemberRegistry,
    /** `image_member_quota`; negative is unlimited. */
    private readonly quota: number,
  ) {}

  /** An admin and the owner see all members; a member sees itself, anybody else nobody. */
  async list(actor: Actor, image: Image): Promise<readonly Member[]> {
    const members = await this.members.list(image.id);
    return this.seesAll(actor, image) ? members : members.filter(({ member }) => member === actor.owner);
  }

  /** Memberships of a tenant: all for an admin and for the tenant itself, else those in the actor's own images, none without an identity. */
  async sharedWith(actor: Actor, tenant: string): Promise<readonly Member[]> {
    if (actor.readOnly) return [];
    return actor.isAdmin ? this.members.of(tenant) : this.members.of(tenant, actor.owner);
  }

  /** Throws forbidden without the right to share, quota (counted as if the member were new, as Glance does: image-api-v1 section 8.13). */
  async put(actor: Actor, image: Image, change: MemberChange): Promise<void> {
    await this.refuseUnlessSharing(actor, image);
    if ((await this.members.retired(image.id)).has(change.member)) return;
    await this.members.put(image.id, change, (count) => this.checkQuota(count + 1));
  }

  async replace(actor: Actor, image: Image, members: readonly MemberChange[]): Promise<void> {
    this.checkQuota(members.length);
    await this.refuseUnlessSharing(actor, image);
    await this.members.replace(image.id, members);
  }

  /** Throws forbidden, and not-found also for a membership that the actor cannot see. */
  async remove(actor: Actor, image: Image, member: string): Promise<void> {
    await this.refuseUnlessSharing(actor, image);
    if (!this.seesAll(actor, image) && member !== actor.owner)
      throw new RegistryError('not-found', 'Membership could not be found.');
    await this.members.remove(image.id, member);
  }

  /** One member, if the actor sees it. Throws not-found. */
  async find(actor: Actor, image: Image, member: string): Promise<Member> {
    if (!this.seesAll(actor, image) && member !== actor.owner)
      throw new RegistryError('not-found', 'Membership could not be found.');
    return this.members.get(image.id, member);
  }

  /** Adds a member by v2's rules, which the codec has asked its policy for. Throws duplicate, quota. */
  add(image: Image, member: string): Promise<Member> {
    return this.members.put(image.id, { member }, (count, present) => {
      if (present) throw new RegistryError('duplicate', `Member ${member} is there already`);
      this.checkQuota(count + 1);
    });
  }

  /** The member's own answer. Throws not-found. */
  setStatus(image: Image, member: string, status: MemberStatus): Promise<Member> {
    return this.members.put(image.id, { member, status }, (_count, present) => {
      if (!present) throw new RegistryError('not-found', 'Membership could not be found.');
    });
  }

  /** Removes a member whom the codec has asked its policy for. Throws not-found. */
  drop(image: Image, member: string): Promise<void> {
    return this.members.remove(image.id, member);
  }

  private seesAll(actor: Actor, image: Image): boolean {
    return actor.isAdmin || (actor.owner !== null && actor.owner === image.owner);
  }

  /** An admin, the owner, and members who may share further have the right to share (image-api-v1 section 5.4). */
  private async refuseUnlessSharing(actor: Actor, image: Image): Promise<void> {
    if (actor.isAdmin) return;
    if (actor.owner !== null) {
      if (actor.owner === image.owner) return;
      if (await this.maySharePassedOn(image, actor.owner)) return;
    }
    throw new RegistryError('forbidden', 'No permission to share that image');
  }

  private async maySharePassedOn(image: Image, owner: string): Promise<boolean> {
    try {
      return (await this.members.get(image.id, owner)).canShare;
    } catch (error) {
      if (isRegistryError(error, 'not-found')) return false;
      throw error;
    }
  }

  private checkQuota(attempted: number): void {
    if (this.quota < 0 || attempted <= this.quota) return;
    throw new RegistryError(
      'quota',
      'The limit has been exceeded on the number of allowed image members for this image. ' +
        `Attempted: ${attempted}, Maximum: ${this.quota}`,
    );
  }
}
