import { tmpdir } from 'node:os';
import { refuseNetworkFileSystem } from './network-file-system.js';

describe('a folder for SQLite files', () => {
  it.each([
    ['NFS', 0x6969],
    ['CIFS', 0xff534d42],
    ['CIFS', 0xff534d42 | 0], // as a 32-bit machine says it
    ['SMB2', 0xfe534d42],
    ['AFS', 0x5346414f],
    ['Ceph', 0x00c36400],
    ['9p', 0x01021997],
  ])('on %s is refused', (fileSystem, type) => {
    expect(() => refuseNetworkFileSystem('/data', () => type)).toThrow(
      expect.objectContaining({ code: 'network-file-system', folder: '/data', fileSystem, retryable: false }),
    );
  });

  it.each([
    ['ext4', 0xef53],
    ['tmpfs', 0x01021994],
    ['overlayfs', 0x794c7630],
    ['btrfs', 0x9123683e],
    ['FUSE', 0x65735546],
  ])('on %s is fine', (_, type) => {
    expect(() => refuseNetworkFileSystem('/data', () => type)).not.toThrow();
  });

  it('is asked for its own file system', () => {
    expect(() => refuseNetworkFileSystem(tmpdir())).not.toThrow();
  });
});
