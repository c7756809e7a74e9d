import { createHash } from 'node:crypto';
import type { Snapshot } from './snapshot-store.js';

/** Gives a snapshot the hash by which damage to any of its columns is recognised. */
export function sealSnapshot(snapshot: Omit<Snapshot, 'hash'>): Snapshot {
  return { ...snapshot, hash: snapshotHash(snapshot) };
}

/** Is the snapshot as it was sealed? */
export function isIntact(snapshot: Snapshot): boolean {
  return snapshot.hash === snapshotHash(snapshot);
}

/** SHA-256 (lower-case hex) over the RFC 8785 form of the columns: the literal's members are sorted by name. */
function snapshotHash(snapshot: Omit<Snapshot, 'hash'>): string {
  const canonical = JSON.stringify({
    aggregate_id: snapshot.aggregateId,
    aggregate_type: snapshot.aggregateType,
    created_at: snapshot.createdAt,
    sequence_number: snapshot.sequenceNumber,
    snapshot_data: snapshot.snapshotData,
    snapshot_version: snapshot.snapshotVersion,
  });
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}
