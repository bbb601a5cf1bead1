import type { ImageId } from '../../domain/image.js';
import type { Member, MemberChange } from '../../domain/member.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { MemberRegistry } from '../../domain/ports/members.js';
import { checkKey } from '../check.js';
import { missingMember } from '../refusals.js';
import type { State } from './state.js';

export class MemoryMemberRegistry implements MemberRegistry {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  async list(image: ImageId): Promise<readonly Member[]> {
    this.state.live(image);
    return this.state.membersOf(image);
  }

  async get(image: ImageId, member: string): Promise<Member> {
    this.state.live(image);
    return this.present(image, member);
  }

  async put(image: ImageId, change: MemberChange, admit?: (count: number, present: boolean) => void): Promise<Member> {
    checkKey('member', change.member);
    this.state.live(image);
    const members = this.state.membersOf(image);
    admit?.(
      members.length,
      members.some(({ member }) => member === change.member),
    );
    return this.write(image, change);
  }

  async replace(image: ImageId, members: readonly MemberChange[]): Promise<void> {
    for (const { member } of members) checkKey('member', member);
    this.state.live(image);
    const names = new Set(members.map(({ member }) => member));
    const before = this.state.membersOf(image);
    const gone = before.filter(({ member }) => !names.has(member)).map(({ member }) => member);
    this.state.members.set(
      image,
      before.filter(({ member }) => names.has(member)),
    );
    this.state.retired.set(image, new Set([...(this.state.retired.get(image) ?? []), ...gone]));
    for (const change of members) this.write(image, change);
  }

  async retired(image: ImageId): Promise<ReadonlySet<string>> {
    this.state.live(image);
    return this.state.retired.get(image) ?? new Set();
  }

  async remove(image: ImageId, member: string): Promise<void> {
    this.state.live(image);
    const removed = this.present(image, member);
    this.state.members.set(
      image,
      this.state.membersOf(image).filter((one) => one !== removed),
    );
  }

  async of(member: string, seenBy?: string | null): Promise<readonly Member[]> {
    const joined = (one: Member) => this.state.joined.get(one) ?? 0;
    return [...this.state.members.values()]
      .flat()
      .filter((one) => one.member === member)
      .filter((one) => seenBy === undefined || seenBy === member || this.state.live(one.imageId).owner === seenBy)
      .sort((a, b) => joined(a) - joined(b));
  }

  private present(image: ImageId, member: string): Member {
    const found = this.state.membersOf(image).find((one) => one.member === member);
    if (found === undefined) throw missingMember(image, member);
    return found;
  }

  private write(image: ImageId, change: MemberChange): Member {
    const present = this.state.membersOf(image).find(({ member }) => member === change.member);
    const now = this.clock.now();
    const retired = new Set(this.state.retired.get(image));
    retired.delete(change.member);
    this.state.retired.set(image, retired);
    const member: Member = {
      imageId: image,
      member: change.member,
      canShare: change.canShare ?? present?.canShare ?? false,
      status: change.status ?? present?.status ?? 'pending',
      createdAt: present?.createdAt ?? now,
      updatedAt: now,
    };
    return this.state.join(member, present);
  }
}
