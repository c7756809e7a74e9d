import type { AggregateRun } from '@chronicle/change-feed-core';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { armFailpoints } from '@chronicle/seams';
import { Broker, BrokerUnavailableError, MESSAGES_MAX, type Message } from './broker.js';
import { relayHandler } from './relay-handler.js';

/** Takes messages when told to. */
class GatedBroker extends Broker {
  readonly asked: (readonly Message[])[] = [];
  acknowledge: () => Promise<void> = async () => undefined;
  async publish(messages: readonly Message[]): Promise<void> {
    this.asked.push(messages);
    await this.acknowledge();
  }
  async close(): Promise<void> {}
}

function run(aggregateId: string, from: number, count: number): AggregateRun {
  const events = Array.from(
    { length: count },
    (_, index) => ({ aggregateId, sequenceNumber: from + index }) as StoredEvent,
  );
  return { aggregateId, position: { sequence: from - 1, state: null, parked: null }, events };
}

function toMessage({ aggregateId, sequenceNumber }: StoredEvent): Message {
  return { key: aggregateId, headers: {}, value: String(sequenceNumber) };
}

describe('a relay handler', () => {
  afterEach(() => armFailpoints(''));

  it('publishes every run in order and answers all of it handled', async () => {
    const broker = new GatedBroker();
    const answers = await relayHandler({ broker, toMessage }).handle([run('a', 1, 2), run('b', 7, 1)]);
    expect(broker.asked.flat().map(({ key, value }) => key + value)).toEqual(['a1', 'a2', 'b7']);
    expect(answers).toEqual([
      { handled: 2, state: null, effects: [] },
      { handled: 1, state: null, effects: [] },
    ]);
  });

  it('does not answer before the broker has acknowledged', async () => {
    const broker = new GatedBroker();
    let acknowledge!: () => void;
    const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve));
    broker.acknowledge = () => acknowledged;
    const order: string[] = [];
    const answered = relayHandler({ broker, toMessage })
      .handle([run('a', 1, 1)])
      .then(() => order.push('answered'));
    await new Promise(setImmediate);
    order.push('acknowledged');
    acknowledge();
    await answered;
    expect(order).toEqual(['acknowledged', 'answered']);
  });

  it('hands the broker no more than it takes at once', async () => {
    const broker = new GatedBroker();
    await relayHandler({ broker, toMessage }).handle([run('a', 1, MESSAGES_MAX), run('b', 1, 1)]);
    expect(broker.asked.map(({ length }) => length)).toEqual([MESSAGES_MAX, 1]);
  });

  it('given the broker is away, then throws, so that the group waits and nothing is parked', async () => {
    const broker = new GatedBroker();
    const away = new BrokerUnavailableError('topic: no broker answers');
    broker.acknowledge = () => Promise.reject(away);
    await expect(relayHandler({ broker, toMessage }).handle([run('a', 1, 1)])).rejects.toBe(away);
    expect(away).toMatchObject({ code: 'broker-unavailable', retryable: true });
  });

  it('passes the failpoint publish-after-ack once the broker has acknowledged', async () => {
    armFailpoints('publish-after-ack:1:throw');
    const broker = new GatedBroker();
    await expect(relayHandler({ broker, toMessage }).handle([run('a', 1, 1)])).rejects.toMatchObject({
      failpoint: 'publish-after-ack',
    });
    expect(broker.asked).toHaveLength(1);
  });
});
