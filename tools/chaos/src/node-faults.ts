import { systemClock } from '@chronicle/seams';
import type { ServerNode } from '@chronicle/tool-servers';
import type { FaultLog } from './fault-log.js';

/** Kills and pauses nodes of the database, one at a time: of three, two are left to decide. */
export class NodeFaults {
  private underWay: Promise<void> | undefined;

  constructor(
    readonly nodes: readonly ServerNode[],
    private readonly faults: FaultLog,
  ) {}

  /** False: there is no node that may be struck now. */
  get possible(): boolean {
    return this.nodes.length > 0 && this.underWay === undefined;
  }

  /** Kills a node and starts it again after `downMs`; resolves when it serves. Its clients still have to notice. */
  kill(node: ServerNode, downMs: number): Promise<void> {
    return this.alone(async () => {
      this.faults.add(node.address, `SIGKILL for ${Math.round(downMs)} ms`);
      await node.kill('SIGKILL');
      await systemClock.sleep(downMs);
      await node.start();
      this.faults.add(node.address, 'started again');
    });
  }

  /** Stops a node and lets it go on after `ms`: what it was asked meanwhile, it then does. */
  pause(node: ServerNode, ms: number): Promise<void> {
    return this.alone(async () => {
      this.faults.add(node.address, `SIGSTOP for ${Math.round(ms)} ms`);
      await node.kill('SIGSTOP');
      await systemClock.sleep(ms);
      await node.kill('SIGCONT');
      this.faults.add(node.address, 'SIGCONT');
    });
  }

  /** Resolves when every node serves; rejects with `ServerStartError` when one does not come back. */
  async over(): Promise<void> {
    await this.underWay;
  }

  private alone(fault: () => Promise<void>): Promise<void> {
    if (this.underWay) throw new Error('another node is struck: wait until that is over');
    const struck = fault().then(() => void (this.underWay = undefined));
    struck.catch(() => undefined); // told by over() too, to those who do not wait for it here
    return (this.underWay = struck);
  }
}
