import { ReadOrderState, orderLoader } from '@chronicle/orders-application';
import type { OrderView } from '@chronicle/orders-domain';
import { isUuid } from '@chronicle/seams';
import { EXIT, NotThereError, UsageError, type Command, type OptionValues } from '../command.js';
import { withEventStore } from '../open-parts.js';
import { integerOption, timeOption } from '../option-values.js';
import { textList, textTable } from '../text-table.js';

export const orderCommand: Command = {
  name: 'order',
  usage: ['order ORDER_ID [--as-of TIME | --version N]'],
  summary: 'prints an order from its events, now or as it was',
  details:
    'With --json the fields of GET /v1/orders/{id}. TIME is RFC 3339 with Z or an offset, and is included. Exit code 1 when\n' +
    'there is no such order, or was none then, or it has fewer versions.',
  example: 'order 0197c8a1-6f00-7000-8000-000000000001 --as-of 2026-11-25T19:03:21.123Z',
  arguments: [1, 1],
  options: {
    'as-of': { value: 'TIME', help: 'as it was at this time' },
    version: { value: 'N', help: 'as it was at this version' },
  },
  async run({ arguments: [given], options, location, output }) {
    const moment = momentOf(options);
    if (!isUuid(given)) throw new NotThereError(`there is no order ${JSON.stringify(given)}: ids of orders are UUIDs`);
    const orderId = given.toLowerCase();
    const result = await withEventStore(location, (store, snapshots) =>
      new ReadOrderState(orderLoader({ store, snapshots })).execute({ orderId, access: EVERY_ORDER, ...moment }),
    );
    if (result.outcome === 'not-found') throw new NotThereError(`there is no order ${orderId}${describe(moment)}`);
    await output.result(result.order, () => orderText(result.order));
    return EXIT.done;
  },
};

const EVERY_ORDER = { customerId: null, everyCustomer: true };

interface Moment {
  readonly version: number | undefined;
  readonly asOf: string | undefined;
}

function momentOf(options: OptionValues): Moment {
  const version = integerOption(options, 'version', 1);
  const asOf = timeOption(options, 'as-of');
  if (version !== undefined && asOf !== undefined) throw new UsageError('order: give --version or --as-of, not both');
  return { version, asOf };
}

function describe({ version, asOf }: Moment): string {
  if (version !== undefined) return ` with a version ${version}`;
  return asOf === undefined ? '' : ` as of ${asOf}`;
}

function orderText(order: OrderView): string {
  const { items, ...fields } = order;
  const rows = items.map(({ productId, quantity, unitPrice }) => [
    productId,
    quantity,
    unitPrice,
    quantity * unitPrice,
  ]);
  return `${textList(fields)}\n\n${textTable(['PRODUCT', 'QUANTITY', 'UNIT PRICE', 'SUM'], rows)}`;
}
