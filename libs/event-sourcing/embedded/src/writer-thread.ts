/** The writer thread's entry: owns the connection that appends, and answers one batch after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { commitBatch } from './append-batch.js';
import { openEventsFile } from './events-file.js';
import type { ThreadInput, ThreadOutput, WriterThreadData } from './event-writer-thread.js';

const port = parentPort!;
const database = await openEventsFile((workerData as WriterThreadData).dataDir);

port.on('message', async (input: ThreadInput) => {
  if (input.kind === 'batch') {
    answer({ kind: 'replies', replies: await commitBatch(database, input.appends) });
  } else {
    database.close();
    port.close();
  }
});
answer({ kind: 'ready' });

function answer(output: ThreadOutput): void {
  port.postMessage(output);
}
