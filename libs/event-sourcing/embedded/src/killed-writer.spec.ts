import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { verifiedStream } from '@chronicle/event-sourcing-testing';
import { systemClock } from '@chronicle/seams';
import { EmbeddedEventStore } from './embedded-event-store.js';
import { openEventsFile } from './events-file.js';

/** Runs the fixture until it has reported `reportsMin` appends, kills it, and returns what it had been told: last sequences by id. */
async function killedAfter(reportsMin: number, dataDir: string): Promise<Map<string, number>> {
  const script = join(import.meta.dirname, 'killed-writer.fixture.mjs');
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const acknowledged = new Map<string, number>();
  let reports = 0;
  for await (const line of createInterface(child.stdout)) {
    const [id, sequence] = line.split(' ') as [string, string];
    acknowledged.set(id, Number(sequence));
    reports += 1;
    if (reports === reportsMin) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return acknowledged;
}

describe('a process that is killed while it appends', () => {
  it('again and again, then every acknowledged event is there, every stream is whole, and the change log has it all', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'killed-'));
    const acknowledged = new Map<string, number>();
    for (const reports of [150, 200, 250]) {
      for (const [id, sequence] of await killedAfter(reports, dataDir)) acknowledged.set(id, sequence);
    }

    const store = await EmbeddedEventStore.open({ dataDir, mode: 'read', clock: systemClock });
    let events = 0;
    const ids = new Set<string>();
    for await (const page of store.streamAll()) {
      events += page.events.length;
      for (const { aggregateId } of page.events) ids.add(aggregateId);
    }
    for (const id of ids) {
      const { length } = await verifiedStream(store, id);
      expect(length).toBeGreaterThanOrEqual(acknowledged.get(id) ?? 0);
      expect(length % 2).toBe(0); // appends of two are whole
      acknowledged.delete(id);
    }
    expect(acknowledged).toEqual(new Map());
    await store.close();

    const database = await openEventsFile(dataDir);
    expect(database.row('PRAGMA integrity_check')).toMatchObject({ integrity_check: 'ok' });
    expect(database.row('SELECT count(*) AS n FROM outbox_messages JOIN events USING (position)')).toMatchObject({
      n: events,
    });
    database.close();
    await rm(dataDir, { recursive: true });
  }, 60_000);
});
