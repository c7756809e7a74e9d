import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedGroupCoordination } from '@chronicle/change-feed-embedded';
import type { ProjectionDefinition } from '@chronicle/projection-core';
import { projectionStoreContract } from '@chronicle/projection-testing';
import { systemClock } from '@chronicle/seams';
import { openEmbeddedProjectionStore } from './embedded-projection-store.js';
import { EmbeddedReadModelReader } from './embedded-read-model-reader.js';

projectionStoreContract('embedded', {
  atomic: true,
  async open(definition) {
    const dataDir = mkdtempSync(join(tmpdir(), 'projection-store-'));
    const opened: { close(): Promise<void> }[] = [];
    const kept = <Port extends { close(): Promise<void> }>(port: Port) => {
      opened.push(port);
      return port;
    };
    const again = async (other: ProjectionDefinition = definition) =>
      kept(await openEmbeddedProjectionStore(dataDir, other));
    const { group, version } = definition;
    const coordination = kept(
      await EmbeddedGroupCoordination.open({ dataDir, group, version, bucketCount: 8, clock: systemClock }),
    );
    return {
      store: await again(),
      reader: kept(new EmbeddedReadModelReader(dataDir, definition)),
      async own(bucket) {
        const seen = (await coordination.buckets())[bucket]!;
        const claim = await coordination.take(seen, `instance ${seen.epoch + 1}`);
        if (claim.outcome !== 'claimed') throw new Error(`bucket ${bucket}: ${claim.outcome}`);
        return claim.epoch;
      },
      again,
      async close() {
        for (const port of opened) await port.close();
        rmSync(dataDir, { recursive: true });
      },
    };
  },
});
