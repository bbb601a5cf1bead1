import type { ImageId } from '../../domain/image.js';
import type { Member, MemberChange } from '../../domain/member.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { MemberRegistry } from '../../domain/ports/members.js';
import { checkKey, isStorable } from '../check.js';
import { missing, missingMember } from '../refusals.js';
import type { Database, Session } from './database.js';
import { and, assignments, type Fragment, insertInto, literal, sql, within } from './fragment.js';
import { forUpdate } from './load-images.js';
import { memberOf, text } from './rows.js';

export class SqlMemberRegistry implements MemberRegistry {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async list(image: ImageId): Promise<readonly Member[]> {
    return await this.database.read(async (session) => {
      await requireLive(session, image);
      return await membersOf(session, image);
    });
  }

  async get(image: ImageId, member: string): Promise<Member> {
    const found = (await this.list(image)).find((one) => one.member === member);
    if (found === undefined) throw missingMember(image, member);
    return found;
  }

  async put(image: ImageId, change: MemberChange, admit?: (count: number, present: boolean) => void): Promise<Member> {
    checkKey('member', change.member);
    return await this.database.write(async (session) => {
      await requireLive(session, image, forUpdate(session));
      const members = await membersOf(session, image);
      const present = members.find(({ member }) => member === change.member);
      admit?.(members.length, present !== undefined);
      return await this.write(session, image, change, present);
    });
  }

  async replace(image: ImageId, members: readonly MemberChange[]): Promise<void> {
    for (const { member } of members) checkKey('member', member);
    await this.database.write(async (session) => {
      await requireLive(session, image, forUpdate(session));
      const before = new Map((await membersOf(session, image)).map((member) => [member.member, member]));
      const names = new Set(members.map(({ member }) => member));
      const gone = [...before.keys()].filter((member) => !names.has(member));
      await session.run(
        sql`DELETE FROM image_members WHERE image_id = ${image} AND ${within(literal('member'), gone)}`,
      );
      await retire(session, image, gone);
      for (const change of members) {
        before.set(change.member, await this.write(session, image, change, before.get(change.member)));
      }
    });
  }

  async retired(image: ImageId): Promise<ReadonlySet<string>> {
    return await this.database.read(async (session) => {
      await requireLive(session, image);
      const rows = await session.rows(sql`SELECT member FROM retired_members WHERE image_id = ${image}`);
      return new Set(rows.map((row) => text(row.member)));
    });
  }

  async remove(image: ImageId, member: string): Promise<void> {
    await this.database.write(async (session) => {
      await requireLive(session, image, forUpdate(session));
      if (!isStorable(member)) throw missingMember(image, member);
      const removed = await session.run(
        sql`DELETE FROM image_members WHERE image_id = ${image} AND member = ${member}`,
      );
      if (removed === 0) throw missingMember(image, member);
    });
  }

  async of(member: string, seenBy?: string | null): Promise<readonly Member[]> {
    if (!isStorable(member) || (typeof seenBy === 'string' && !isStorable(seenBy))) return [];
    const conditions = [sql`m.member = ${member}`, sql`i.deleted = 0`];
    if (seenBy === null) conditions.push(sql`i.owner IS NULL`);
    else if (seenBy !== undefined && seenBy !== member) conditions.push(sql`i.owner = ${seenBy}`);
    return await this.database.read(async (session) => {
      const rows = await session.rows(
        sql`SELECT m.* FROM image_members AS m JOIN images AS i ON i.id = m.image_id
          WHERE ${and(conditions)} ORDER BY m.id`,
      );
      return rows.map(memberOf);
    });
  }

  private async write(
    session: Session,
    image: ImageId,
    change: MemberChange,
    present: Member | undefined,
  ): Promise<Member> {
    const now = this.clock.now();
    const member: Member = {
      imageId: image,
      member: change.member,
      canShare: change.canShare ?? present?.canShare ?? false,
      status: change.status ?? present?.status ?? 'pending',
      createdAt: present?.createdAt ?? now,
      updatedAt: now,
    };
    const set = { can_share: Number(member.canShare), status: member.status, updated_at: now };
    if (present === undefined) {
      const key = { image_id: image, member: member.member, created_at: now };
      await session.run(insertInto('image_members', [{ ...key, ...set }]));
      await session.run(sql`DELETE FROM retired_members WHERE image_id = ${image} AND member = ${member.member}`);
    } else {
      await session.run(
        sql`UPDATE image_members SET ${assignments(set)} WHERE image_id = ${image} AND member = ${member.member}`,
      );
    }
    return member;
  }
}

async function requireLive(session: Session, image: ImageId, lock: Fragment = sql``): Promise<void> {
  if (!isStorable(image)) throw missing(image);
  const rows = await session.rows(sql`SELECT id FROM images WHERE id = ${image} AND deleted = 0${lock}`);
  if (rows.length === 0) throw missing(image);
}

async function membersOf(session: Session, image: ImageId): Promise<readonly Member[]> {
  const rows = await session.rows(sql`SELECT * FROM image_members WHERE image_id = ${image} ORDER BY id`);
  return rows.map(memberOf);
}

async function retire(session: Session, image: ImageId, members: readonly string[]): Promise<void> {
  const [first, ...rest] = members.map((member) => ({ image_id: image, member }));
  if (first !== undefined) await session.run(insertInto('retired_members', [first, ...rest]));
}
