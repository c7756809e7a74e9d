import {
  Body,
  Controller,
  Get,
  HttpException,
  Module,
  NotFoundException,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ServiceDefinition } from './app.js';
import { Context, type RequestContext } from './edge/request-context.js';
import { Route } from './edge/route.js';
import { IntegerField, ListField, OneOfField, QueryIntegerField, TextField, UuidField } from './fields/field-kinds.js';
import { Problem } from './problem.js';

class ThingItem {
  @TextField(100) productId!: string;
  @IntegerField({ min: 1 }) quantity!: number;
  @IntegerField({ min: 0 }) unitPrice!: number;
}

class CreateThing {
  @UuidField({ optional: true }) thingId!: string | null;
  @UuidField() customerId!: string;
  @OneOfField(['EUR', 'USD']) currency!: string;
  @ListField(ThingItem, { min: 1, max: 200 }) items!: ThingItem[];
}

class ChangeThing {
  @TextField(1000, { optional: true }) reason!: string | null;
}

class ListThings {
  @OneOfField(['OLD', 'NEW']) kind!: 'OLD' | 'NEW';
  @QueryIntegerField({ min: 1, max: 200, default: 50 }) limit!: number;
  @QueryIntegerField({ min: 1, default: null }) from!: number | null;
}

/** What the sample answers: everything its method was given. */
interface Seen {
  readonly id?: string;
  readonly body?: unknown;
  readonly query?: unknown;
  readonly context: Omit<RequestContext, 'principal'> & {
    readonly subject: string | null;
    readonly customerId: string | null;
  };
}

function seen(context: RequestContext, rest: Omit<Seen, 'context'> = {}): Seen {
  const { principal, ...others } = context;
  return { ...rest, context: { ...others, subject: principal.subject, customerId: principal.customerId } };
}

/** Things without meaning, with one route of each kind that the HTTP contract knows. */
@Controller('v1/things')
export class ThingsController {
  @Post()
  @Route({
    summary: 'Create a thing',
    scopes: ['things:write', 'admin'],
    command: true,
    reads: ['idempotency-key'],
    refuses: ['if-match'],
    body: CreateThing,
    answer: { status: 201, headers: ['location', 'etag'] },
    problems: ['order-already-exists', 'store-unavailable'],
  })
  create(
    @Body() body: CreateThing,
    @Context() context: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Seen {
    reply.header('location', `/v1/things/${context.commandId}`).header('etag', '"1"');
    return seen(context, { body });
  }

  @Put(':id/reason')
  @Route({
    summary: 'Change a thing',
    scopes: ['things:write', 'admin'],
    command: true,
    reads: ['idempotency-key', 'if-match'],
    body: ChangeThing,
    answer: { status: 200 },
  })
  change(@Param('id') id: string, @Body() body: ChangeThing, @Context() context: RequestContext): Seen {
    return seen(context, { id, body });
  }

  @Get()
  @Route({ summary: 'List things', scopes: ['things:read'], query: ListThings, answer: { status: 200 } })
  list(@Query() query: ListThings, @Context() context: RequestContext): Seen {
    return seen(context, { query });
  }

  @Get(':id')
  @Route({ summary: 'One thing', reads: ['if-none-match'], answer: { status: 200 }, problems: ['order-not-found'] })
  one(@Param('id') id: string, @Context() context: RequestContext): Seen {
    const failure = FAILURES[id];
    if (failure) throw failure();
    return seen(context, { id });
  }
}

/** Ids under which `GET /v1/things/:id` fails, and how. */
export const FAILURES: Readonly<Record<string, () => unknown>> = {
  missing: () => new Problem('order-not-found', 'there is no such thing'),
  stale: () => new Problem('version-mismatch', 'moved on', { expectedVersion: 1, actualVersion: 2 }),
  'store-down': () =>
    Object.assign(new Error('SQLITE_BUSY: secret of the driver'), { code: 'store-unavailable', retryable: true }),
  bug: () => new TypeError('secret of the programmer'),
  'no-error': () => 'a bare text',
  'nest-404': () => new NotFoundException(),
  'nest-418': () => new HttpException('tea', 418),
};

@Module({ controllers: [ThingsController] })
export class ThingsModule {}

/** The sample as an app; what is given replaces its parts. */
export function sampleApp(
  parts: Partial<ServiceDefinition<Record<never, never>>> = {},
): ServiceDefinition<Record<never, never>> {
  return { name: 'sample', defaultPort: 0, compose: () => ThingsModule, ...parts };
}
