import { randomUUID } from 'node:crypto';
import { openTopicReader } from '@chronicle/engine';
import type { TopicRecord } from '@chronicle/relay-core';
import { eventually } from '@chronicle/tool-system';
import { accepted } from '../answers.js';
import { auditPage } from '../audit-trail.js';
import { change, creation, placeAt } from '../orders.js';
import { shared } from '../system-under-test.js';

/** The topic orders.events: what the rest of the world hears. */
export function topic(): void {
  describe('the topic', () => {
    it('has every event of an order in order, as CloudEvents in binary mode', async () => {
      const { orderId } = await placeAt('DELIVERED');
      const { events } = await auditPage(orderId);
      const records = await recordsOf(orderId, 4);
      expect(records.map(({ key, headers, value }) => ({ key, headers, value: JSON.parse(value) as unknown }))).toEqual(
        events.map((event) => ({
          key: orderId,
          headers: {
            ce_specversion: '1.0',
            'content-type': 'application/json',
            ce_id: event.eventId,
            ce_type: event.eventType,
            ce_source: `/orders/${orderId}`,
            ce_subject: orderId,
            ce_time: event.timestamp,
            ce_sequence: String(event.sequenceNumber).padStart(19, '0'),
            ce_correlationid: event.correlationId,
            ce_causationid: event.causationId,
            ce_dataschema: expect.stringMatching(/./),
            ce_storeepoch: expect.stringMatching(/^\d+$/),
          },
          value: event.eventData,
        })),
      );
    });

    it('carries the trace of the command on', async () => {
      const trace = randomUUID().replaceAll('-', '');
      const { orderId } = accepted(
        await shared().commands.post('/v1/orders', creation(), { traceparent: `00-${trace}-00f067aa0ba902b7-01` }),
        201,
      );
      const [record] = await recordsOf(orderId, 1);
      expect(record!.headers['traceparent']).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    });

    it('keeps an order in one partition', async () => {
      const { orderId } = await placeAt('CONFIRMED');
      for (let count = 0; count < 3; count += 1) await change('ship', orderId);
      const records = await recordsOf(orderId, 3);
      expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
      expect(records.map(({ offset }) => offset)).toEqual(records.map(({ offset }) => offset).sort((a, b) => a - b));
    });
  });
}

/** The records of a key, once there are `count` of them. */
async function recordsOf(key: string, count: number): Promise<TopicRecord[]> {
  const reader = await openTopicReader(shared().system.engine, 'orders.events');
  try {
    return await eventually(async () => {
      const records: TopicRecord[] = [];
      for (let partition = 0; partition < (await reader.partitions()); partition += 1) {
        for (let offset = 0; offset < (await reader.end(partition));) {
          const page = await reader.read(partition, offset);
          records.push(...page.filter((record) => record.key === key));
          offset = page.at(-1)!.offset + 1;
        }
      }
      expect(records).toHaveLength(count);
      return records;
    });
  } finally {
    await reader.close();
  }
}
