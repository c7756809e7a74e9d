import type { OrderRefusal } from '@chronicle/orders-domain';
import { commandProblem, type FailedCommand } from './order-problems.js';

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const commandId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e02';

function answer(result: FailedCommand) {
  const problem = commandProblem(orderId, commandId, result);
  const { type, title, detail, instance, ...rest } = problem.body('/v1/orders');
  for (const text of [type, title, detail, instance]) expect(text).toEqual(expect.any(String));
  return { ...rest, headers: problem.headers };
}

const refused = (refusal: OrderRefusal): FailedCommand => ({ outcome: 'refused', refusal });
const violations = [{ field: 'items', message: 'must have 1 to 200 items' }];

describe('commandProblem', () => {
  it.each<[FailedCommand, object]>([
    [refused({ code: 'order-already-exists' }), { status: 409, code: 'order-already-exists' }],
    [refused({ code: 'order-not-found' }), { status: 404, code: 'order-not-found' }],
    [refused({ code: 'order-items-invalid', violations }), { status: 422, code: 'validation-failed', violations }],
    [
      refused({ code: 'order-rule-violated', rule: 'cancel-only-once', orderStatus: 'CANCELLED' }),
      { status: 409, code: 'order-rule-violated', rule: 'cancel-only-once', orderStatus: 'CANCELLED' },
    ],
    [{ outcome: 'not-found' }, { status: 404, code: 'order-not-found' }],
    [{ outcome: 'key-reused' }, { status: 422, code: 'idempotency-key-reused' }],
    [
      { outcome: 'version-mismatch', expectedVersion: 3, actualVersion: 4 },
      { status: 412, code: 'version-mismatch', expectedVersion: 3, actualVersion: 4 },
    ],
    [
      { outcome: 'contended', attempts: 10 },
      { status: 409, code: 'concurrent-modification' },
    ],
    [
      { outcome: 'unknown', cause: new Error('SQLITE_IOERR at /var/data') },
      { status: 503, code: 'outcome-unknown', orderId, commandId, headers: { 'retry-after': '1' } },
    ],
  ])('given %j, then it answers %j, with these facts and no others', (result, expected) => {
    expect(answer(result)).toEqual({ headers: {}, ...expected });
  });

  it('given a refusal and an outcome that both say there is no order, then the answers are the same to the letter', () => {
    const absent = commandProblem(orderId, commandId, refused({ code: 'order-not-found' }));
    const foreign = commandProblem(orderId, commandId, { outcome: 'not-found' });
    expect(foreign.body('/x')).toEqual(absent.body('/x'));
  });

  it('given an unknown outcome, then nothing of the driver is told', () => {
    const problem = commandProblem(orderId, commandId, { outcome: 'unknown', cause: new Error('SQLITE_IOERR') });
    expect(JSON.stringify(problem.body('/x'))).not.toContain('SQLITE');
  });
});
