import {
  HandleOrderCommand,
  ListCustomerOrders,
  ListOrdersByStatus,
  ReadOrder,
  ReadOrderEvents,
  ReadOrderState,
} from '@chronicle/orders-application';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import * as messages from './messages.js';
import { OrderCommandsController } from './order-commands.controller.js';
import { OrderHistoryController } from './order-history.controller.js';
import { OrderQueriesController } from './order-queries.controller.js';

/** What command-service answers: the commands of orders, and what their events tell. */
@Module({})
export class OrderCommandsModule {
  /** The module over these use cases; what they hold open is the caller's to close. */
  static over(useCases: {
    readonly commands: HandleOrderCommand;
    readonly state: ReadOrderState;
    readonly events: ReadOrderEvents;
  }): DynamicModule {
    const { commands, state, events } = useCases;
    return {
      module: OrderCommandsModule,
      imports: [CqrsModule.forRoot()],
      controllers: [OrderCommandsController, OrderHistoryController],
      providers: [
        ...served(HandleOrderCommand, commands, messages.handleOrderCommand),
        ...served(ReadOrderState, state, messages.readOrderState),
        ...served(ReadOrderEvents, events, messages.readOrderEvents),
      ],
    };
  }
}

/** What query-service answers: the read models of orders. */
@Module({})
export class OrderQueriesModule {
  /** The module over these use cases; what they hold open is the caller's to close. */
  static over(useCases: {
    readonly order: ReadOrder;
    readonly ofCustomer: ListCustomerOrders;
    readonly byStatus: ListOrdersByStatus;
  }): DynamicModule {
    const { order, ofCustomer, byStatus } = useCases;
    return {
      module: OrderQueriesModule,
      imports: [CqrsModule.forRoot()],
      controllers: [OrderQueriesController],
      providers: [
        ...served(ReadOrder, order, messages.readOrder),
        ...served(ListCustomerOrders, ofCustomer, messages.listCustomerOrders),
        ...served(ListOrdersByStatus, byStatus, messages.listOrdersByStatus),
      ],
    };
  }
}

function served<UseCase>(
  token: abstract new (...parts: never[]) => UseCase,
  useCase: UseCase,
  { Handler }: { readonly Handler: Type },
) {
  return [{ provide: token, useValue: useCase }, Handler];
}
