// Orders over HTTP: the routes of command-service and query-service, to the letter of the HTTP contract.
export { OrderCommandsModule, OrderQueriesModule } from './order-modules.js';
