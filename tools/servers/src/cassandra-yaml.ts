/** When a node answers that a write is durable: once it is on disk, or, as Cassandra does by default, up to 10 s before. */
export type CommitLogSync = 'group' | 'periodic';

/** With `group`, a write is on disk at most 2 ms later than it could be. */
const COMMIT_LOG_SYNC: Readonly<Record<CommitLogSync, string>> = {
  group: 'commitlog_sync: group\ncommitlog_sync_group_window: 2ms',
  periodic: 'commitlog_sync: periodic\ncommitlog_sync_period: 10s',
};

/** Where one node of Cassandra lives, and how. */
export interface CassandraPlace {
  readonly host: string;
  readonly clientPort: number;
  readonly storagePort: number;
  readonly folder: string;
  /** `host:port` of the first node's storage port. */
  readonly seed: string;
  readonly commitLogSync: CommitLogSync;
}

/** The cassandra.yaml of a node. The jar brings none; what is not said here has Cassandra's own default. */
export function cassandraYaml(place: CassandraPlace): string {
  const { host, clientPort, storagePort, folder, seed, commitLogSync } = place;
  const path = (name: string) => JSON.stringify(`${folder}/${name}`);
  return `cluster_name: chronicle
num_tokens: 16
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "${seed}"

# Loopback only, hence nobody to keep out.
listen_address: ${host}
rpc_address: ${host}
native_transport_port: ${clientPort}
storage_port: ${storagePort}
authenticator: AllowAllAuthenticator
authorizer: AllowAllAuthorizer
role_manager: CassandraRoleManager

data_file_directories: [${path('data')}]
commitlog_directory: ${path('commitlog')}
hints_directory: ${path('hints')}
saved_caches_directory: ${path('saved_caches')}
cdc_raw_directory: ${path('cdc_raw')}

${COMMIT_LOG_SYNC[commitLogSync]}
# Past the page cache where the disk can: mapped pages fault anew after each of the many syncs, a tenth of the server's time.
commitlog_disk_access_mode: auto

# Conditional writes in one round trip less than v1.
paxos_variant: v2

# A small server: half a gigabyte of heap, hence rows in memory outside of it; much room for them, for what is written out early
# is soon merged again. And a test that drops a keyspace wants it gone.
memtable:
  configurations:
    skiplist:
      class_name: SkipListMemtable
    trie:
      class_name: TrieMemtable
    default:
      inherits: trie
memtable_allocation_type: offheap_objects
memtable_heap_space: 128MiB
memtable_offheap_space: 512MiB
file_cache_size: 64MiB
networking_cache_size: 32MiB
key_cache_size: 16MiB
auto_snapshot: false
`;
}
