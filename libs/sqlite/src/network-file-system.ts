import { statfsSync } from 'node:fs';

/**
 * `f_type` of file systems that other machines can mount (Linux, statfs(2)). SQLite's WAL needs shared memory and locks that
 * hold between all users of a file, which these do not give. What stands behind FUSE cannot be told, so it is let through.
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9p'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x0bd00bd0, 'Lustre'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);

/** The folder lies on a file system of which SQLite cannot be sure that locks hold. Choose a local one; trying again does not help. */
export class NetworkFileSystemError extends Error {
  readonly code = 'network-file-system';
  readonly retryable = false;
  constructor(
    readonly folder: string,
    readonly fileSystem: string,
  ) {
    super(`${folder} is on ${fileSystem}, a network file system: expected a local one; set DATA_DIR to a local folder`);
    this.name = 'NetworkFileSystemError';
  }
}

/** Throws {@link NetworkFileSystemError} when `folder` lies on a network file system. `fileSystemType` is for tests. */
export function refuseNetworkFileSystem(
  folder: string,
  fileSystemType: (folder: string) => number = (path) => statfsSync(path).type,
): void {
  const name = NETWORK_FILE_SYSTEMS.get(fileSystemType(folder) >>> 0);
  if (name) throw new NetworkFileSystemError(folder, name);
}
