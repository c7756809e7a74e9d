import { randomUUID } from 'node:crypto';
import { accepted, problem } from '../answers.js';
import { change, creation, place, placeAt } from '../orders.js';
import { shared } from '../system-under-test.js';

/** If-Match: deciding against the version that the client has seen. */
export function preconditions(): void {
  describe('If-Match', () => {
    it('given the version of the order, lets the command through', async () => {
      const { orderId } = await place();
      expect(accepted(await change('confirm', orderId, { 'if-match': '"1"' })).version).toBe(2);
    });

    it.each([0, 1, 3, 2 ** 53 - 1])('given another version, %i, answers 412 with both', async (expectedVersion) => {
      const { orderId } = await placeAt('CONFIRMED');
      const answer = await change('ship', orderId, { 'if-match': `"${expectedVersion}"` });
      problem(answer, 412, 'version-mismatch', { expectedVersion, actualVersion: 2 });
    });

    it.each(['1', 'W/"1"', '*', '"1", "2"', '"-1"', '"01x"', '"1.0"', '""', '"a"', ''])(
      'given something else, %j, answers 400',
      async (text) => {
        const { orderId } = await place();
        problem(await change('confirm', orderId, { 'if-match': text }), 400, 'malformed-request');
      },
    );

    it('on a create is malformed', async () => {
      const answer = await shared().commands.post('/v1/orders', creation(), { 'if-match': '"0"' });
      problem(answer, 400, 'malformed-request');
    });

    it('is judged after existence and before the rules', async () => {
      problem(await change('ship', randomUUID(), { 'if-match': '"7"' }), 404, 'order-not-found');
      const { orderId } = await place();
      problem(await change('ship', orderId, { 'if-match': '"7"' }), 412, 'version-mismatch', {
        expectedVersion: 7,
        actualVersion: 1,
      });
    });

    it('of two commands with the same version lets one through', async () => {
      const { orderId } = await place();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => change('items', orderId, { 'if-match': '"1"' })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
    });

    it('left out, commands that come at once are decided one after another', async () => {
      const { orderId } = await place();
      const answers = await Promise.all(Array.from({ length: 20 }, () => change('items', orderId)));
      const versions = answers.map((answer) => accepted(answer).version).sort((a, b) => a - b);
      expect(versions).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
    });
  });
}
