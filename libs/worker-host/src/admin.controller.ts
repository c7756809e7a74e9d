import { ConsumerWorker, GroupNotAnsweringError } from '@chronicle/change-feed-core';
import type { ActionResult, GroupStatus, ParkedAggregate } from '@chronicle/change-feed-core';
import { isUuid } from '@chronicle/seams';
import { Context, Problem, Route, fields } from '@chronicle/service-host';
import type { FieldsOf, RequestContext } from '@chronicle/service-host';
import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { z } from 'zod';

const ADMIN = ['admin'];

const Status = z.object({
  group: z.string(),
  paused: z.boolean(),
  buckets: z.array(z.int()),
  lag: z.object({ events: z.int(), ms: z.int() }),
  parked: z.int(),
  checkpoint: z.record(z.string(), z.string()),
});
const Parked = z.object({
  parked: z.array(
    z.object({
      aggregateId: z.string(),
      sequenceNumber: z.int(),
      eventType: z.string(),
      reason: z.string(),
      since: z.string(),
    }),
  ),
});
const Nothing = fields.object({});
const Skip = fields.object({ reason: fields.text(1000) });

const statusAnswer = { status: 200 as const, schema: Status };

/** The admin API of a consumer group: whichever replica is asked acts on, and answers for, the whole group. */
@Controller('admin')
export class AdminController {
  constructor(@Inject(ConsumerWorker) private readonly worker: ConsumerWorker<unknown>) {}

  @Get('status')
  @Route({
    summary: 'How the consumer group stands',
    scopes: ADMIN,
    answer: statusAnswer,
    problems: ['store-unavailable'],
  })
  status(): Promise<GroupStatus> {
    return this.worker.status();
  }

  @Get('parked')
  @Route({
    summary: 'Parked aggregates, those parked longest first, at most 1000',
    scopes: ADMIN,
    answer: { status: 200, schema: Parked },
    problems: ['store-unavailable'],
  })
  async parked(): Promise<z.output<typeof Parked>> {
    return { parked: (await this.worker.parked()).map(parkedAnswer) };
  }

  @Post('parked/:aggregateId/redrive')
  @Route({
    summary: 'Go on with a parked aggregate from the event that it is parked at',
    scopes: ADMIN,
    body: Nothing,
    answer: statusAnswer,
    problems: ['not-parked', 'store-unavailable'],
  })
  redrive(@Param('aggregateId') aggregateId: string, @Context() { principal }: RequestContext): Promise<GroupStatus> {
    return this.#order(aggregateId, (id) => this.worker.redrive(id, principal.subject));
  }

  @Post('parked/:aggregateId/skip')
  @Route({
    summary: 'Skip the one event that an aggregate is parked at, and go on with it',
    scopes: ADMIN,
    body: Skip,
    answer: statusAnswer,
    problems: ['not-parked', 'store-unavailable'],
  })
  skip(
    @Param('aggregateId') aggregateId: string,
    @Body() { reason }: FieldsOf<typeof Skip>,
    @Context() { principal }: RequestContext,
  ): Promise<GroupStatus> {
    return this.#order(aggregateId, (id) => this.worker.skip(id, reason, principal.subject));
  }

  @Post('pause')
  @Route({
    summary: 'Stop handling events in the whole group',
    scopes: ADMIN,
    body: Nothing,
    answer: statusAnswer,
    problems: ['store-unavailable'],
  })
  async pause(): Promise<GroupStatus> {
    await answered(this.worker.pause());
    return this.worker.status();
  }

  @Post('resume')
  @Route({
    summary: 'Go on handling events',
    scopes: ADMIN,
    body: Nothing,
    answer: statusAnswer,
    problems: ['store-unavailable'],
  })
  async resume(): Promise<GroupStatus> {
    await answered(this.worker.resume());
    return this.worker.status();
  }

  async #order(aggregateId: string, give: (aggregateId: string) => Promise<ActionResult>): Promise<GroupStatus> {
    const result = isUuid(aggregateId) ? await answered(give(aggregateId.toLowerCase())) : 'not-parked';
    if (result === 'not-parked')
      throw new Problem('not-parked', 'no aggregate with this id is parked in this consumer group');
    return this.worker.status();
  }
}

function parkedAnswer({ aggregateId, sequenceNumber, eventType, reason, since }: ParkedAggregate) {
  return { aggregateId, sequenceNumber, eventType, reason, since };
}

/** An order that a replica did not act on in time stands; the caller learns that, and may ask again. */
async function answered<T>(order: Promise<T>): Promise<T> {
  try {
    return await order;
  } catch (error) {
    if (!(error instanceof GroupNotAnsweringError)) throw error;
    throw new Problem('store-unavailable', error.message, {}, {}, { cause: error });
  }
}
