import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { SeededRandom } from '../../support/random.js';
import { V2Model } from '../../support/v2-model.js';
import type { Caller } from '../../support/v2-model-rules.js';
import { useV2Server } from '../../support/v2-server.js';
import { V2Steps } from './model-steps.js';

const SEED = 20_261_121;
const STEPS = 4_000;
/** So many of the last operations are told with a difference. */
const TOLD = 12;

const { admin } = useV2Server();

const as = (project: string): Caller => ({ token: `u:${project}:member`, project, role: 'member' });
const READER: Caller = { token: 'u:pa:reader', project: 'pa', role: 'reader' };
const ADMIN: Caller = { token: 'u:ops:admin', project: 'ops', role: 'admin' };
/** Some ask more than others, so that images come to be used by those who may. */
const CALLERS = [...['pa', 'pa', 'pa', 'pb', 'pb', 'pc'].map(as), READER, ADMIN, ADMIN, ADMIN];

/** What must have come up, lest the sequence shows little. */
const REACHED = [
  ...['create 201', 'create 400', 'create 403', 'create 409', 'show 200', 'show 404', 'list 200', 'list 400'],
  ...['patch 200', 'patch 400', 'patch 403', 'patch 404', 'patch 409', 'tag 204', 'tag 403', 'untag 204', 'untag 404'],
  ...['upload 204', 'upload 400', 'upload 403', 'upload 409', 'upload 415', 'download 200', 'download 204'],
  ...['download 403', 'deactivate 204', 'deactivate 403', 'reactivate 204', 'delete 204', 'delete 403', 'delete 404'],
  ...['members 200', 'members 403', 'add-member 200', 'add-member 403', 'add-member 409', 'answer-member 200'],
  ...['answer-member 403', 'answer-member 404', 'remove-member 204', 'remove-member 403', 'remove-member 404'],
];

test('a long random sequence of requests is answered as a model of the specification answers it', async (t) => {
  t.timeout(120_000);
  const random = new SeededRandom(SEED);
  const steps = new V2Steps(random);
  const model = new V2Model();
  const log: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < STEPS; at++) {
    const caller = random.pick(CALLERS);
    const step = steps.next(caller);
    const answer = await step.send(admin.as(caller.token));
    const expected = step.model(model, answer);
    const told = expected.body !== undefined && answer.status === expected.status;
    const body = told ? step.tell(answer) : undefined;
    const same = answer.status === expected.status && isDeepStrictEqual(body, expected.body);
    log.push(`${at}: ${caller.token} ${step.what} -> ${answer.status}`);
    seen.add(`${step.what.split(' ', 1)} ${answer.status}`);
    if (same) continue;
    t.log(`seed ${SEED}, step ${at}; the last operations:\n${log.slice(-TOLD).join('\n')}\n${answer.text}`);
    t.deepEqual({ status: answer.status, body }, { status: expected.status, body: told ? expected.body : undefined });
    return;
  }
  t.deepEqual(
    REACHED.filter((outcome) => !seen.has(outcome)),
    [],
  );
});
