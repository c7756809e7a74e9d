import { randomUUID } from 'node:crypto';
import { APPS } from '@chronicle/tool-system';
import { UUID, accepted, invalid } from '../answers.js';
import { change, creation, place } from '../orders.js';
import { shared } from '../system-under-test.js';

/** X-Correlation-Id and X-Causation-Id. */
export function correlation(): void {
  describe('correlation', () => {
    it.each(APPS.map(({ name }) => name))(
      '%s: every answer carries the id that was sent, in lower case, or a new one',
      async (app) => {
        const client = shared().client(app);
        const paths = [
          '/health/live',
          '/health/ready',
          '/metrics',
          '/openapi.json',
          '/docs',
          '/nothing',
          '/v1/orders',
          '/admin/status',
        ];
        for (const path of paths) {
          const sent = randomUUID();
          const echoed = await client.get(path, { 'x-correlation-id': sent.toUpperCase() });
          expect([path, echoed.headers['x-correlation-id']]).toEqual([path, sent]);
          const [first, second] = [await client.get(path), await client.get(path)];
          expect(first.headers['x-correlation-id']).toMatch(UUID);
          expect(second.headers['x-correlation-id']).not.toBe(first.headers['x-correlation-id']);
        }
      },
    );

    it('answers of commands carry the cause that was sent, else the id of the command', async () => {
      const causationId = randomUUID();
      const sent = await shared().commands.post('/v1/orders', creation(), {
        'x-causation-id': causationId.toUpperCase(),
      });
      expect(sent.headers['x-causation-id']).toBe(causationId);
      const absent = await shared().commands.post('/v1/orders', creation());
      expect(absent.headers['x-causation-id']).toBe(accepted(absent, 201).commandId);
    });

    it('so do their refusals', async () => {
      const [correlationId, causationId] = [randomUUID(), randomUUID()];
      const headers = { 'x-correlation-id': correlationId, 'x-causation-id': causationId };
      const answer = await shared().commands.post('/v1/orders', {}, headers);
      invalid(answer);
      expect(answer.headers).toMatchObject(headers);
      const { orderId } = await place();
      expect((await change('ship', orderId)).headers['x-causation-id']).toMatch(UUID);
    });

    it('a malformed traceparent is ignored', async () => {
      accepted(await shared().commands.post('/v1/orders', creation(), { traceparent: '00-zz' }), 201);
    });
  });
}
