import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MESSAGES_MAX, type Broker, type Message, type TopicReader, type TopicRecord } from '@chronicle/relay-core';

/** One empty topic, and what it takes to try it. */
export interface BrokerHarness {
  readonly broker: Broker;
  readonly reader: TopicReader;
  /** Another publisher to the same topic, as a second replica or a restarted process has it. */
  again(): Promise<Broker>;
  close(): Promise<void>;
}

/** What every broker promises, whatever carries the messages. Broken connections and outages are the adapter's own specs. */
export function brokerContract(name: string, open: () => Promise<BrokerHarness>): void {
  describe(`a broker on ${name}`, () => {
    let harness: BrokerHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it('given an empty topic, then has its partitions and no messages', async () => {
      const partitions = await harness.reader.partitions();
      expect(partitions).toBeGreaterThanOrEqual(1);
      for (let partition = 0; partition < partitions; partition += 1) {
        expect(await harness.reader.end(partition)).toBe(0);
        expect(await harness.reader.read(partition, 0)).toEqual([]);
      }
    });

    it('gives back key, headers and value as they were published', async () => {
      const published: Message = {
        key: 'k',
        headers: { ce_type: 'A', 'content-type': 'application/json' },
        value: '{"ä":"📚"}',
      };
      await harness.broker.publish([published]);
      const [record] = await contents(harness.reader);
      expect(record).toEqual({ ...published, partition: expect.any(Number), offset: 0 });
    });

    it('keeps the messages of one key in order and in one partition, across publishers', async () => {
      const other = await harness.again();
      for (let round = 0; round < 10; round += 1) {
        const messages = Array.from({ length: 40 }, (_, key) => message(`key ${key}`, `${round}`));
        await (round % 2 === 0 ? harness.broker : other).publish(messages);
      }
      const records = await contents(harness.reader);
      for (let key = 0; key < 40; key += 1) {
        const own = records.filter((record) => record.key === `key ${key}`);
        expect(own.map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      }
      expect(new Set(records.map(({ partition }) => partition)).size).toBe(await harness.reader.partitions());
    });

    it('keeps what it acknowledged, also repeats', async () => {
      await harness.broker.publish([message('k', '1'), message('k', '2')]);
      await (await harness.again()).publish([message('k', '1'), message('k', '2'), message('k', '3')]);
      expect((await contents(harness.reader)).map(({ value }) => value)).toEqual(['1', '2', '1', '2', '3']);
    });

    it('numbers the messages of a partition from 0 without gaps, and reads them in bounded pages', async () => {
      const count = MESSAGES_MAX + 5;
      await harness.broker.publish(Array.from({ length: MESSAGES_MAX }, (_, index) => message('k', `${index}`)));
      await harness.broker.publish(Array.from({ length: 5 }, (_, index) => message('k', `${MESSAGES_MAX + index}`)));
      const { partition } = (await contents(harness.reader))[0]!;
      expect(await harness.reader.end(partition)).toBe(count);
      const first = await harness.reader.read(partition, 0);
      expect(first.length).toBeLessThanOrEqual(MESSAGES_MAX);
      expect(first[0]).toMatchObject({ offset: 0, value: '0' });
      const rest = await harness.reader.read(partition, MESSAGES_MAX);
      expect(rest.map(({ offset, value }) => [offset, value])).toEqual(
        Array.from({ length: 5 }, (_, index) => [MESSAGES_MAX + index, `${MESSAGES_MAX + index}`]),
      );
      expect(await harness.reader.read(partition, count)).toEqual([]);
    });

    it('takes concurrent publishes', async () => {
      const publishes = Array.from({ length: 20 }, (_, index) => harness.broker.publish([message(`k${index}`, 'v')]));
      await Promise.all(publishes);
      expect(await contents(harness.reader)).toHaveLength(20);
    });

    it('publishes nothing when given nothing', async () => {
      await harness.broker.publish([]);
      expect(await contents(harness.reader)).toEqual([]);
    });
  });
}

function message(key: string, value: string): Message {
  return { key, headers: {}, value };
}

/** All messages, partition after partition. */
async function contents(reader: TopicReader): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  for (let partition = 0; partition < (await reader.partitions()); partition += 1) {
    for (let offset = 0; ;) {
      const page = await reader.read(partition, offset);
      if (page.length === 0) break;
      records.push(...page);
      offset = page.at(-1)!.offset + 1;
    }
  }
  return records;
}
