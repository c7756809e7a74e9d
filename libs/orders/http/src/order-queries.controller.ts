import type { OrderPage } from '@chronicle/orders-application';
import { mayReach } from '@chronicle/orders-application';
import type { OrderView } from '@chronicle/orders-domain';
import { isUuid } from '@chronicle/seams';
import { Context, Problem, Route, type RequestContext } from '@chronicle/service-host';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { accessOf, FULFILLERS, READERS, READS_EVERY } from './access.js';
import { entityTag, hasEntity } from './entity-tag.js';
import { Exchange, type HttpExchange } from './exchange.js';
import { listCustomerOrders, listOrdersByStatus, readOrder } from './messages.js';
import { OrderAnswer, OrderListAnswer } from './order-answers.js';
import { CustomerOrdersParameters, OrderParameters, OrdersByStatusParameters } from './order-parameters.js';
import { anotherCustomer, badCursor, orderNotFound } from './order-problems.js';

type OrderList = { readonly orders: readonly OrderView[]; readonly nextCursor: string | null };

/** What the read models of orders answer: behind the commands by the lag of the projections. */
@Controller('v1')
export class OrderQueriesController {
  constructor(private readonly queries: QueryBus) {}

  @Get('orders/:id')
  @Route({
    summary: 'An order, waiting for a version of it if need be',
    scopes: READERS,
    reads: ['if-none-match'],
    query: OrderParameters,
    answer: { status: 200, headers: ['etag'], schema: OrderAnswer },
    problems: ['order-not-found', 'not-yet-visible', 'store-unavailable'],
  })
  async order(
    @Param('id') id: string,
    @Query() wanted: OrderParameters,
    @Exchange() { request, reply }: HttpExchange,
  ): Promise<OrderView | undefined> {
    if (!isUuid(id)) throw orderNotFound(id);
    const orderId = id.toLowerCase();
    const access = accessOf(request.edge.principal, READS_EVERY);
    const result = await this.queries.execute(new readOrder.Message({ orderId, access, ...wanted }));
    if (result.outcome === 'not-found') throw orderNotFound(orderId);
    if (result.outcome === 'not-yet-visible') {
      throw new Problem(
        'not-yet-visible',
        `order ${orderId} is not here at version ${wanted.minVersion} yet; try again`,
      );
    }
    const tag = entityTag(result.order.version);
    void reply.header('etag', tag);
    if (!hasEntity(request.edge.ifNoneMatch, tag)) return result.order;
    void reply.code(304);
    return undefined;
  }

  @Get('customers/:customerId/orders')
  @Route({
    summary: 'The orders of a customer, newest first',
    scopes: READERS,
    uuids: ['customerId'],
    query: CustomerOrdersParameters,
    answer: { status: 200, schema: OrderListAnswer },
    problems: ['route-not-found', 'store-unavailable'],
  })
  async ofCustomer(
    @Param('customerId') id: string,
    @Query() page: CustomerOrdersParameters,
    @Context() { principal }: RequestContext,
  ): Promise<OrderList> {
    const customerId = id.toLowerCase();
    if (!mayReach(accessOf(principal, READS_EVERY), customerId)) throw anotherCustomer();
    return listOf(await this.queries.execute(new listCustomerOrders.Message({ customerId, ...page })));
  }

  @Get('orders')
  @Route({
    summary: 'The orders in a status, of every customer, newest first',
    scopes: FULFILLERS,
    query: OrdersByStatusParameters,
    answer: { status: 200, schema: OrderListAnswer },
    problems: ['store-unavailable'],
  })
  async byStatus(@Query() page: OrdersByStatusParameters): Promise<OrderList> {
    return listOf(await this.queries.execute(new listOrdersByStatus.Message(page)));
  }
}

function listOf(page: OrderPage): OrderList {
  if (page.outcome === 'bad-cursor') throw badCursor();
  return { orders: page.orders, nextCursor: page.nextCursor };
}
