import type { TopicReader, TopicRecord } from '@chronicle/relay-core';
import { EXIT, UsageError, type Command, type Invocation } from '../command.js';
import { jsonOrText } from '../event-view.js';
import { ORDER_RELAY } from '../groups.js';
import { withTopic } from '../open-parts.js';
import { secondsOption } from '../option-values.js';
import { lineOf } from '../text-table.js';

const TOPIC = ORDER_RELAY.topic;
const POLL_MS = 100;

export const topicTailCommand: Command = {
  name: 'topic tail',
  usage: [`topic tail ${TOPIC} [--from-beginning] [--until-idle SECONDS]`],
  summary: 'prints the messages of a topic, and goes on as they come',
  details:
    'From the end of the topic on, until Ctrl-C. With --json one object a line, {key, headers, value, partition, offset}, where\n' +
    'value is the data of the event and headers.ce_type its type. Messages of one key come in order.',
  example: `topic tail ${TOPIC} --from-beginning --until-idle 2 --json`,
  arguments: [1, 1],
  options: {
    'from-beginning': { help: 'print what is there already, first' },
    'until-idle': { value: 'SECONDS', help: 'end when no message has come for so long' },
  },
  async run(invocation) {
    const [topic] = invocation.arguments;
    if (topic !== TOPIC) throw new UsageError(`there is no topic ${JSON.stringify(topic)}: did you mean ${TOPIC}?`);
    const idleMs = secondsOption(invocation.options, 'until-idle') ?? Infinity;
    await withTopic(invocation.location, (reader) => tail(reader, idleMs, invocation));
    return EXIT.done;
  },
};

async function tail(reader: TopicReader, idleMs: number, invocation: Invocation): Promise<void> {
  const { clock, signal, output, options } = invocation;
  const partitions = await reader.partitions();
  const offsets: number[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    offsets.push(options['from-beginning'] ? 0 : await reader.end(partition));
  }
  if (!output.json) await output.text(lineOf(['TIME', 'KEY', 'SEQ', 'TYPE', 'PARTITION', 'OFFSET', 'VALUE'], WIDTHS));
  let lastCame = clock.monotonic();
  while (!signal.aborted) {
    if (await printNew(reader, offsets, invocation)) lastCame = clock.monotonic();
    else if (clock.monotonic() - lastCame >= idleMs) return;
    else await clock.sleep(POLL_MS, signal);
  }
}

/** A page of every partition. Moves `offsets` on; false when there was nothing. */
async function printNew(reader: TopicReader, offsets: number[], { output, signal }: Invocation): Promise<boolean> {
  let came = false;
  for (const [partition, offset] of offsets.entries()) {
    const page = await reader.read(partition, offset);
    for (const record of page) {
      if (signal.aborted) return came;
      await output.result(shown(record), () => line(record));
    }
    offsets[partition] = (page.at(-1)?.offset ?? offset - 1) + 1;
    came ||= page.length > 0;
  }
  return came;
}

function shown({ key, headers, value, partition, offset }: TopicRecord): object {
  return { key, headers, value: jsonOrText(value), partition, offset };
}

const WIDTHS = [24, 36, 5, 18, 9, 8];

function line({ key, headers, value, partition, offset }: TopicRecord): string {
  const { ce_time: time = null, ce_type: type = null, ce_sequence: sequence = '' } = headers;
  return lineOf([time, key, sequence.replace(/^0+/, ''), type, partition, offset, value], WIDTHS);
}
