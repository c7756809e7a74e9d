/** An event stands where it cannot stand in the stream of an order: the store was tampered with, or a program mixed up streams.
 *  Trying again does not help; a person must look at the events of `orderId` around `sequenceNumber`. */
export class BrokenOrderStreamError extends Error {
  override readonly name = 'BrokenOrderStreamError';
  readonly code = 'broken-order-stream';
  readonly retryable = false;
  readonly orderId: string;
  readonly sequenceNumber: number;
  readonly eventType: string;

  constructor(
    event: { readonly aggregateId: string; readonly sequenceNumber: number; readonly type: string },
    expected: string,
  ) {
    super(
      `order ${event.aggregateId}: found ${event.type} at sequence ${event.sequenceNumber}, expected ${expected}; ` +
        'check the event stream of this order',
    );
    this.orderId = event.aggregateId;
    this.sequenceNumber = event.sequenceNumber;
    this.eventType = event.type;
  }
}
