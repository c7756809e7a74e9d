import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { brokerContract } from '@chronicle/relay-testing';
import type { Message } from '@chronicle/relay-core';
import { EmbeddedBroker, TRANSACTION_CHARACTERS_MAX, TRANSACTION_MESSAGES_MAX } from './embedded-broker.js';
import { EmbeddedTopicReader } from './embedded-topic-reader.js';
import type { TopicFile } from './topic-file.js';

let folder: string;
let file: TopicFile;
const opened: { close(): Promise<void> }[] = [];

function begin(): void {
  folder = mkdtempSync(join(tmpdir(), 'relay-embedded-'));
  file = { path: join(folder, 'topic.db'), topic: 'books.events' };
}

async function end(): Promise<void> {
  for (const port of opened.splice(0)) await port.close();
  rmSync(folder, { recursive: true });
}

async function broker(partitions = 4): Promise<EmbeddedBroker> {
  const made = await EmbeddedBroker.open(file, partitions);
  opened.push(made);
  return made;
}

function reader(): EmbeddedTopicReader {
  const made = new EmbeddedTopicReader(file);
  opened.push(made);
  return made;
}

brokerContract('embedded', async () => {
  begin();
  return { broker: await broker(), reader: reader(), again: () => broker(), close: end };
});

describe('the embedded broker', () => {
  beforeEach(begin);
  afterEach(end);
  const unavailable = expect.objectContaining({ code: 'broker-unavailable', retryable: true });
  const message = (value: string): Message => ({ key: 'k', headers: {}, value });

  it('refuses another number of partitions and says what to do', async () => {
    await broker(4);
    await expect(EmbeddedBroker.open(file, 8)).rejects.toMatchObject({
      code: 'partition-count-changed',
      retryable: false,
      recorded: 4,
      asked: 8,
      message: expect.stringMatching(/topic books.events has 4 partitions.* keep 4, or publish to a new topic/),
    });
  });

  it('given the topic does not exist yet, then readers say that it is unavailable, and read once it does', async () => {
    const early = reader();
    await expect(early.partitions()).rejects.toEqual(unavailable);
    await expect(early.read(0, 0)).rejects.toEqual(unavailable);
    await (await broker()).publish([message('v')]);
    expect(await early.partitions()).toBe(4);
    const other = new EmbeddedTopicReader({ ...file, topic: 'another.topic' });
    opened.push(other);
    await expect(other.partitions()).rejects.toEqual(unavailable);
  });

  it('given the file is locked by somebody else for long, then the broker is unavailable and nothing is lost', async () => {
    const publisher = await broker();
    const other = new DatabaseSync(file.path);
    other.exec('BEGIN IMMEDIATE');
    const publishing = publisher.publish([message('v')]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    other.exec('ROLLBACK');
    await publishing; // a short lock is waited for
    await publisher.close();
    await expect(publisher.publish([message('w')])).rejects.toEqual(unavailable);
    other.close();
  });

  it('given more than fits one transaction, by number or by size, then publishes all of it in order', async () => {
    const large = 'x'.repeat(TRANSACTION_CHARACTERS_MAX / 2);
    const values = [
      ...Array.from({ length: TRANSACTION_MESSAGES_MAX + 1 }, (_, n) => `${n}`),
      large,
      large + large,
      large,
      'end',
    ];
    const publisher = await broker(1);
    await publisher.publish(values.map(message));
    const found = await reader().read(0, 0);
    expect(found.map(({ value }) => value)).toEqual(values);
  });

  it('when a transaction fails, then keeps the transactions before it and nothing of its own', async () => {
    const publisher = await broker(1);
    const broken = { key: 'k', headers: {}, value: null as unknown as string };
    const first = Array.from({ length: TRANSACTION_MESSAGES_MAX }, (_, n) => message(`${n}`));
    await expect(publisher.publish([...first, message('next'), broken])).rejects.toThrow();
    expect(await reader().end(0)).toBe(TRANSACTION_MESSAGES_MAX);
  });
});
