import {
  HandleOrderCommand,
  ListCustomerOrders,
  ListOrdersByStatus,
  ReadOrder,
  ReadOrderEvents,
  ReadOrderState,
} from '@chronicle/orders-application';
import { Inject, type Type } from '@nestjs/common';
import { Command, CommandHandler, Query, QueryHandler } from '@nestjs/cqrs';

// What controllers put on Nest's buses, and the handlers that take it off: one message and one handler a use case, all alike.

interface UseCase<Request, Answer> {
  execute(request: Request): Promise<Answer>;
}

/** A kind of message, and the Nest handler (a provider) that runs its use case. The use case is injected by its class. */
interface MessageKind<Message> {
  readonly Message: Message;
  readonly Handler: Type;
}

type CommandMessage<Request, Answer> = new (request: Request) => Command<Answer> & { readonly request: Request };
type QueryMessage<Request, Answer> = new (request: Request) => Query<Answer> & { readonly request: Request };
type UseCaseClass<Request, Answer> = abstract new (...parts: never[]) => UseCase<Request, Answer>;

function commandOf<Request, Answer>(
  useCaseClass: UseCaseClass<Request, Answer>,
): MessageKind<CommandMessage<Request, Answer>> {
  class Message extends Command<Answer> {
    constructor(readonly request: Request) {
      super();
    }
  }
  @CommandHandler(Message)
  class Handler {
    constructor(@Inject(useCaseClass) readonly useCase: UseCase<Request, Answer>) {}
    execute({ request }: Message): Promise<Answer> {
      return this.useCase.execute(request);
    }
  }
  return { Message, Handler };
}

function queryOf<Request, Answer>(
  useCaseClass: UseCaseClass<Request, Answer>,
): MessageKind<QueryMessage<Request, Answer>> {
  class Message extends Query<Answer> {
    constructor(readonly request: Request) {
      super();
    }
  }
  @QueryHandler(Message)
  class Handler {
    constructor(@Inject(useCaseClass) readonly useCase: UseCase<Request, Answer>) {}
    execute({ request }: Message): Promise<Answer> {
      return this.useCase.execute(request);
    }
  }
  return { Message, Handler };
}

export const handleOrderCommand = commandOf(HandleOrderCommand);
export const readOrderState = queryOf(ReadOrderState);
export const readOrderEvents = queryOf(ReadOrderEvents);
export const readOrder = queryOf(ReadOrder);
export const listCustomerOrders = queryOf(ListCustomerOrders);
export const listOrdersByStatus = queryOf(ListOrdersByStatus);
