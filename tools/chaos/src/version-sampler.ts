import { systemClock } from '@chronicle/seams';
import { HttpClient, NoAnswerError } from '@chronicle/tool-system';
import type { Dice } from './dice.js';
import type { KnownOrders } from './known-orders.js';

const STATUSES = ['CREATED', 'CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED'];
const SAMPLE_EVERY_MS = 60;
const PATIENCE_MS = 3000;
const VIOLATIONS_MAX = 100;

interface OrderRow {
  readonly orderId: string;
  readonly version: number;
}

/** Remembers the newest version that each read model ever showed of each order, and what then showed an older one. */
export class ShownVersions {
  readonly violations: string[] = [];
  /** Versions seen. */
  samples = 0;
  private readonly newest = new Map<string, number>();

  /** Was shown by an answer whose question was asked after every earlier answer had come. */
  shown(readModel: string, { orderId, version }: OrderRow): void {
    this.samples += 1;
    const name = `${readModel} ${orderId}`;
    const before = this.newest.get(name) ?? 0;
    if (version >= before) this.newest.set(name, version);
    else if (this.violations.length < VIOLATIONS_MAX)
      this.violations.push(`${readModel} showed version ${version} of order ${orderId} after version ${before}`);
  }
}

/** Reads orders and lists from query-service, one question after another, for as long as the run lasts. */
export class VersionSampler {
  readonly versions = new ShownVersions();
  private readonly http: HttpClient;
  private readonly working: Promise<void>;
  private stopping = false;

  constructor(
    url: string,
    private readonly orders: KnownOrders,
    private readonly dice: Dice,
    /**
     * Does an order leave one list of `orders_by_status` at the moment when it comes into another? On a cluster it is written to the
     * new one first, and whoever is killed then leaves it in both until his successor has come that far: each list is held for itself.
     */
    private readonly movesAtOnce: boolean,
  ) {
    this.http = new HttpClient(url, PATIENCE_MS);
    this.working = this.work();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.working;
    this.http.close();
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      await this.sample();
      await systemClock.sleep(SAMPLE_EVERY_MS);
    }
  }

  private async sample(): Promise<void> {
    const order = this.orders.any(this.dice);
    const listed = this.dice.oneOf(STATUSES);
    const [readModel, path] = this.dice.oneOf([
      ...(order ? [['order_read_model', `/v1/orders/${order.orderId}`]] : []),
      ['orders_by_customer', `/v1/customers/${this.dice.oneOf(this.orders.customers)}/orders?limit=100`],
      [`orders_by_status${this.movesAtOnce ? '' : ` (${listed})`}`, `/v1/orders?status=${listed}&limit=100`],
    ]);
    try {
      const { status, text } = await this.http.get(path!);
      if (status !== 200) return;
      const body = JSON.parse(text) as OrderRow | { readonly orders: readonly OrderRow[] };
      for (const row of 'orders' in body ? body.orders : [body]) this.versions.shown(readModel!, row);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
    }
  }
}
