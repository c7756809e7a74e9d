import type { HandledOrderCommand, OrderAccess, OrderRequest } from '@chronicle/orders-application';
import { mayReach } from '@chronicle/orders-application';
import { failpoint, isUuid } from '@chronicle/seams';
import { Route, type RouteSpec } from '@chronicle/service-host';
import { Body, Controller, Post, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { accessOf, CHANGES_EVERY, FULFILLERS, FULFILS_EVERY, WRITERS } from './access.js';
import { entityTag } from './entity-tag.js';
import { Exchange, type HttpExchange } from './exchange.js';
import { handleOrderCommand } from './messages.js';
import { CommandAnswer } from './order-answers.js';
import { CancelBody, ConfirmBody, CreateOrderBody, DeliverBody, ShipBody, UpdateItemsBody } from './order-bodies.js';
import { anotherCustomer, commandProblem, orderNotFound } from './order-problems.js';

const COMMAND_PROBLEMS = [
  'concurrent-modification',
  'idempotency-key-reused',
  'store-unavailable',
  'outcome-unknown',
] as const;

function change(summary: string, scopes: readonly string[], body: RouteSpec['body']): RouteSpec {
  return {
    summary,
    scopes,
    command: true,
    reads: ['idempotency-key', 'if-match'],
    body,
    answer: { status: 200, headers: ['etag'], schema: CommandAnswer },
    problems: ['order-not-found', 'version-mismatch', 'order-rule-violated', ...COMMAND_PROBLEMS],
  };
}

type Answer = { readonly orderId: string; readonly version: number; readonly commandId: string };

/** The commands of orders: what each route takes, who may send it and what is answered. Deciding is the application's. */
@Controller('v1/orders')
export class OrderCommandsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Route({
    summary: 'Place an order',
    scopes: WRITERS,
    command: true,
    reads: ['idempotency-key'],
    refuses: ['if-match'],
    body: CreateOrderBody,
    answer: { status: 201, headers: ['location', 'etag'], schema: CommandAnswer },
    problems: ['order-already-exists', ...COMMAND_PROBLEMS],
  })
  async create(@Body() { orderId, ...order }: CreateOrderBody, @Exchange() exchange: HttpExchange): Promise<Answer> {
    const access = accessOf(exchange.request.edge.principal, CHANGES_EVERY);
    if (!mayReach(access, order.customerId)) throw anotherCustomer();
    const answer = await this.handle(orderId, { type: 'CreateOrder', ...order }, access, exchange);
    void exchange.reply.header('location', `/v1/orders/${answer.orderId}`);
    return answer;
  }

  @Put(':id/items')
  @Route(change('Replace the items of an order', WRITERS, UpdateItemsBody))
  updateItems(@Body() body: UpdateItemsBody, @Exchange() exchange: HttpExchange): Promise<Answer> {
    return this.change({ type: 'UpdateOrderItems', ...body }, CHANGES_EVERY, exchange);
  }

  @Post(':id/confirm')
  @Route(change('Confirm an order', FULFILLERS, ConfirmBody))
  confirm(@Exchange() exchange: HttpExchange): Promise<Answer> {
    return this.change({ type: 'ConfirmOrder' }, FULFILS_EVERY, exchange);
  }

  @Post(':id/ship')
  @Route(change('Hand an order to a carrier', FULFILLERS, ShipBody))
  ship(@Body() body: ShipBody, @Exchange() exchange: HttpExchange): Promise<Answer> {
    return this.change({ type: 'ShipOrder', ...body }, FULFILS_EVERY, exchange);
  }

  @Post(':id/deliver')
  @Route(change('State that an order was delivered', FULFILLERS, DeliverBody))
  deliver(@Body() body: DeliverBody, @Exchange() exchange: HttpExchange): Promise<Answer> {
    return this.change({ type: 'DeliverOrder', ...body }, FULFILS_EVERY, exchange);
  }

  @Post(':id/cancel')
  @Route(change('Cancel an order', WRITERS, CancelBody))
  cancel(@Body() body: CancelBody, @Exchange() exchange: HttpExchange): Promise<Answer> {
    return this.change({ type: 'CancelOrder', ...body }, CHANGES_EVERY, exchange);
  }

  /** A command to the order in the path; `opening` scopes reach the orders of every customer. */
  private async change(command: OrderRequest, opening: readonly string[], exchange: HttpExchange): Promise<Answer> {
    const { id } = exchange.request.params as { id: string };
    if (!isUuid(id)) throw orderNotFound(id);
    return this.handle(id.toLowerCase(), command, accessOf(exchange.request.edge.principal, opening), exchange);
  }

  private async handle(
    orderId: string | null,
    command: OrderRequest,
    access: OrderAccess,
    { request, reply }: HttpExchange,
  ): Promise<Answer> {
    const { principal, commandId, causationId, sentBody, ifMatch, ...edge } = request.edge;
    const sentCausation = causationId === commandId ? undefined : causationId;
    // One path for one order, however its id was written.
    const path = (request.routeOptions.url ?? '').replace(':id', orderId ?? '');
    const handled = await this.commands.execute(
      new handleOrderCommand.Message({
        ...{ orderId, command, access },
        body: sentBody,
        scope: { issuer: principal.issuer, subject: principal.subject, method: request.method, path },
        idempotencyKey: edge.idempotencyKey,
        expectedVersion: ifMatch,
        correlationId: edge.correlationId,
        causationId: sentCausation,
        traceparent: edge.traceparent,
      }),
    );
    if (sentCausation === undefined) void reply.header('x-causation-id', handled.commandId);
    return answerTo(handled, reply);
  }
}

async function answerTo(handled: HandledOrderCommand, reply: HttpExchange['reply']): Promise<Answer> {
  const { orderId, commandId, result } = handled;
  if (result.outcome !== 'accepted') throw commandProblem(orderId, commandId, result);
  await failpoint('before-reply');
  void reply.header('etag', entityTag(result.version));
  return { orderId, version: result.version, commandId };
}
