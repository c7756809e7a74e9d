import { ConsumerWorker, GroupNotAnsweringError } from '@chronicle/change-feed-core';
import type { ActionResult, GroupStatus, ParkedAggregate } from '@chronicle/change-feed-core';
import { isUuid } from '@chronicle/seams';
import { AnswerField, Context, NoFields, Problem, Route, TextField } from '@chronicle/service-host';
import type { RequestContext } from '@chronicle/service-host';
import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';

const ADMIN = ['admin'];

const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };

class LagAnswer {
  @AnswerField(COUNT) events!: number;
  @AnswerField(COUNT) ms!: number;
}

class StatusAnswer implements GroupStatus {
  @AnswerField(TEXT) group!: string;
  @AnswerField({ type: 'boolean' }) paused!: boolean;
  @AnswerField({ type: 'array', items: COUNT }) buckets!: readonly number[];
  @AnswerField(LagAnswer) lag!: LagAnswer;
  @AnswerField(COUNT) parked!: number;
  @AnswerField({ type: 'object', additionalProperties: TEXT }) checkpoint!: GroupStatus['checkpoint'];
}

class ParkedEntryAnswer {
  @AnswerField(TEXT) aggregateId!: string;
  @AnswerField({ type: 'integer', minimum: 1 }) sequenceNumber!: number;
  @AnswerField(TEXT) eventType!: string;
  @AnswerField(TEXT) reason!: string;
  @AnswerField(TEXT) since!: string;
}

class ParkedAnswer {
  @AnswerField({ type: 'array', items: ParkedEntryAnswer }) parked!: readonly ParkedEntryAnswer[];
}

class SkipBody {
  @TextField(1000) reason!: string;
}

const statusAnswer = { status: 200 as const, schema: StatusAnswer };

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
    answer: { status: 200, schema: ParkedAnswer },
    problems: ['store-unavailable'],
  })
  async parked(): Promise<ParkedAnswer> {
    return { parked: (await this.worker.parked()).map(parkedAnswer) };
  }

  @Post('parked/:aggregateId/redrive')
  @Route({
    summary: 'Go on with a parked aggregate from the event that it is parked at',
    scopes: ADMIN,
    body: NoFields,
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
    body: SkipBody,
    answer: statusAnswer,
    problems: ['not-parked', 'store-unavailable'],
  })
  skip(
    @Param('aggregateId') aggregateId: string,
    @Body() { reason }: SkipBody,
    @Context() { principal }: RequestContext,
  ): Promise<GroupStatus> {
    return this.#order(aggregateId, (id) => this.worker.skip(id, reason, principal.subject));
  }

  @Post('pause')
  @Route({
    summary: 'Stop handling events in the whole group',
    scopes: ADMIN,
    body: NoFields,
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
    body: NoFields,
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
