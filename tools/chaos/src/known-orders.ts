import type { OrderCommand } from '@chronicle/tool-system';
import type { Dice } from './dice.js';

type Status = 'CREATED' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';
type Change = Exclude<OrderCommand['command'], 'create'>;

/** An order as the clients believe it to be; another client, or an attempt with an unknown outcome, may have moved it. */
export interface KnownOrder {
  readonly orderId: string;
  version: number;
  status: Status;
  /** Gets a large share of all commands and is only changed, never taken further: its stream grows long. */
  readonly hot: boolean;
}

/** What moves an order on, and what may be tried in each status. */
const NEXT: Record<Status, readonly Change[]> = {
  CREATED: ['items', 'items', 'confirm', 'confirm', 'cancel'],
  CONFIRMED: ['ship', 'ship', 'ship', 'cancel'],
  SHIPPED: ['deliver', 'deliver', 'deliver', 'cancel'],
  DELIVERED: [],
  CANCELLED: [],
};
const CHANGES: readonly Change[] = ['items', 'confirm', 'ship', 'deliver', 'cancel'];
const REFUSED_OF_HOT: readonly Change[] = ['ship', 'deliver'];

const LEADS_TO: Record<OrderCommand['command'], Status> = {
  ...{ create: 'CREATED', items: 'CREATED', confirm: 'CONFIRMED', ship: 'SHIPPED', deliver: 'DELIVERED' },
  cancel: 'CANCELLED',
};

/** Orders that clients may still change; the eldest are forgotten. */
const LIVE_MAX = 200;
const HOT = { orders: 3, share: 0.35 };
const CREATE_SHARE = 0.25;
/** How often a command is sent that the order's status does not allow. */
const WRONG_SHARE = 0.08;
const CUSTOMERS = 20;
const TEXTS = ['', ' ', 'Größe ✓', '"quoted"', 'x'.repeat(200)];

/** The orders of a run, shared by its clients, and what may happen to them next. */
export class KnownOrders {
  readonly customers: readonly string[];
  private readonly hot: KnownOrder[] = [];
  private readonly live: KnownOrder[] = [];

  constructor(private readonly dice: Dice) {
    this.customers = Array.from({ length: CUSTOMERS }, () => dice.uuid());
  }

  /** An order that clients work on, if there is one yet. */
  any(dice: Dice): KnownOrder | undefined {
    const list = dice.chance(HOT.share) ? this.hot : this.live;
    return list.length === 0 ? undefined : dice.oneOf(list);
  }

  /** The next command of a client, and what it believes of the order. */
  next(dice: Dice): { readonly command: OrderCommand; readonly order: KnownOrder | undefined } {
    const order = this.hot.length < HOT.orders || dice.chance(CREATE_SHARE) ? undefined : this.any(dice);
    if (!order) return { command: this.creation(dice), order };
    return { command: this.change(dice, order), order };
  }

  /** A command was accepted. */
  accepted({ command }: OrderCommand, orderId: string, version: number): void {
    const known = [...this.hot, ...this.live].find((order) => order.orderId === orderId);
    if (!known) return command === 'create' ? this.add(orderId, version) : undefined;
    if (version < known.version) return;
    known.version = version;
    known.status = LEADS_TO[command];
    if (NEXT[known.status].length === 0 && !known.hot) this.live.splice(this.live.indexOf(known), 1);
  }

  /** How many commands of an order may be newer than one that led to `version`. */
  newerThan(orderId: string, version: number): number {
    return (this.hot.find((order) => order.orderId === orderId)?.version ?? 0) - version;
  }

  private add(orderId: string, version: number): void {
    const hot = this.hot.length < HOT.orders;
    (hot ? this.hot : this.live).push({ orderId, version, status: 'CREATED', hot });
    if (this.live.length > LIVE_MAX) this.live.shift();
  }

  private creation(dice: Dice): OrderCommand {
    const named = dice.chance(0.5) ? { orderId: dice.uuid() } : {};
    return { command: 'create', ...named, customerId: dice.oneOf(this.customers), currency: 'EUR', items: items(dice) };
  }

  private change(dice: Dice, { orderId, status, hot }: KnownOrder): OrderCommand {
    const command = hot ? this.changeOfHot(dice) : dice.oneOf(dice.chance(WRONG_SHARE) ? CHANGES : NEXT[status]);
    const text = `${dice.whole(1, 1e9)}${dice.oneOf(TEXTS)}`;
    switch (command) {
      case 'items':
        return { command, orderId, items: items(dice), reason: text };
      case 'confirm':
        return { command, orderId };
      case 'ship':
        return { command, orderId, trackingNumber: text.slice(0, 100), carrier: 'post' };
      case 'deliver':
        return { command, orderId, signature: text };
      case 'cancel':
        return { command, orderId, reason: text };
    }
  }

  private changeOfHot(dice: Dice): Change {
    return dice.chance(WRONG_SHARE) ? dice.oneOf(REFUSED_OF_HOT) : 'items';
  }
}

function items(dice: Dice) {
  return Array.from({ length: dice.whole(1, 3) }, () => ({
    productId: `product-${dice.whole(1, 1000)}`,
    quantity: dice.whole(1, 5),
    unitPrice: dice.whole(0, 100_000),
  }));
}
