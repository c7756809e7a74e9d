import type { OrderEventView } from '@chronicle/orders-application';
import type { OrderView } from '@chronicle/orders-domain';
import { isUuid } from '@chronicle/seams';
import { Context, Route, type RequestContext } from '@chronicle/service-host';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { accessOf, READERS, READS_EVERY } from './access.js';
import { entityTag } from './entity-tag.js';
import { Exchange, type HttpExchange } from './exchange.js';
import { readOrderEvents, readOrderState } from './messages.js';
import { OrderAnswer, OrderEventsAnswer } from './order-answers.js';
import { EventsParameters, StateParameters } from './order-parameters.js';
import { orderNotFound } from './order-problems.js';

/** What the events of an order tell, straight from the event store: never behind a command that was answered. */
@Controller('v1/orders')
export class OrderHistoryController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':id/state')
  @Route({
    summary: 'An order from its events, now, at a version or at a time',
    scopes: READERS,
    query: StateParameters,
    answer: { status: 200, headers: ['etag'], schema: OrderAnswer },
    problems: ['order-not-found', 'store-unavailable'],
  })
  async state(
    @Param('id') id: string,
    @Query() { version, asOf }: StateParameters,
    @Exchange() { request, reply }: HttpExchange,
  ): Promise<OrderView> {
    if (!isUuid(id)) throw orderNotFound(id);
    const orderId = id.toLowerCase();
    const access = accessOf(request.edge.principal, READS_EVERY);
    const question = { orderId, access, ...(version !== null && { version }), ...(asOf !== null && { asOf }) };
    const result = await this.queries.execute(new readOrderState.Message(question));
    if (result.outcome === 'not-found') throw orderNotFound(orderId);
    void reply.header('etag', entityTag(result.order.version));
    return result.order;
  }

  @Get(':id/events')
  @Route({
    summary: 'The audit trail of an order',
    scopes: READERS,
    query: EventsParameters,
    answer: { status: 200, schema: OrderEventsAnswer },
    problems: ['order-not-found', 'store-unavailable'],
  })
  async events(
    @Param('id') id: string,
    @Query() { from, limit }: EventsParameters,
    @Context() { principal }: RequestContext,
  ): Promise<{ events: readonly OrderEventView[]; nextFrom: number | null }> {
    if (!isUuid(id)) throw orderNotFound(id);
    const orderId = id.toLowerCase();
    const access = accessOf(principal, READS_EVERY);
    const result = await this.queries.execute(new readOrderEvents.Message({ orderId, access, from, limit }));
    if (result.outcome === 'not-found') throw orderNotFound(orderId);
    return { events: result.events, nextFrom: result.nextFrom };
  }
}
