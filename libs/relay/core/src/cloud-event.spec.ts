import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { toCloudEvent } from './cloud-event.js';

const shipped: StoredEvent = {
  eventId: '019ac0de-0000-7000-8000-000000000001',
  aggregateId: '019ac0de-0000-7000-8000-00000000000a',
  aggregateType: 'Order',
  sequenceNumber: 42,
  eventType: 'OrderShipped',
  eventVersion: 3,
  eventData: '{ "orderId":"019ac0de-0000-7000-8000-00000000000a",  "carrier":"Küstenpost" }',
  causationId: '019ac0de-0000-7000-8000-00000000000b',
  correlationId: '019ac0de-0000-7000-8000-00000000000c',
  userId: 'somebody',
  timestamp: '2026-11-25T19:03:21.123Z',
  metadata: { commandId: '019ac0de-0000-7000-8000-00000000000d' },
  hash: 'ab',
};
const settings = {
  storeEpoch: 7,
  source: '/orders',
  dataSchema: ({ eventType, eventVersion }: StoredEvent) => `/schemas/${eventType}/${eventVersion}`,
};

describe('toCloudEvent', () => {
  it('puts the attributes into headers and the stored text, untouched, into the value', () => {
    expect(toCloudEvent(shipped, settings)).toEqual({
      key: shipped.aggregateId,
      headers: {
        ce_specversion: '1.0',
        'content-type': 'application/json',
        ce_id: shipped.eventId,
        ce_type: 'OrderShipped',
        ce_source: `/orders/${shipped.aggregateId}`,
        ce_subject: shipped.aggregateId,
        ce_time: '2026-11-25T19:03:21.123Z',
        ce_sequence: '0000000000000000042',
        ce_correlationid: shipped.correlationId,
        ce_causationid: shipped.causationId,
        ce_dataschema: '/schemas/OrderShipped/3',
        ce_storeepoch: '7',
      },
      value: shipped.eventData,
    });
  });

  it('hands on the trace that the event belongs to, when it has one', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const traced = { ...shipped, metadata: { ...shipped.metadata, traceparent } };
    expect(toCloudEvent(traced, settings).headers['traceparent']).toBe(traceparent);
  });

  it('pads sequences so that they compare as texts', () => {
    const sequence = (sequenceNumber: number) =>
      toCloudEvent({ ...shipped, sequenceNumber }, settings).headers['ce_sequence']!;
    expect(sequence(Number.MAX_SAFE_INTEGER)).toBe('0009007199254740991');
    expect(sequence(9) < sequence(10)).toBe(true);
  });
});
