import { readFields } from '@chronicle/service-host';
import {
  CustomerOrdersParameters,
  EventsParameters,
  OrderParameters,
  OrdersByStatusParameters,
  StateParameters,
} from './order-parameters.js';

const parameters = {
  StateParameters,
  EventsParameters,
  OrderParameters,
  CustomerOrdersParameters,
  OrdersByStatusParameters,
};
type Name = keyof typeof parameters;

describe('query parameters', () => {
  it.each<[Name, object, object]>([
    ['StateParameters', {}, { version: null, asOf: null }],
    ['StateParameters', { version: '3' }, { version: 3, asOf: null }],
    ['StateParameters', { asOf: '2026-11-25T19:03:21Z' }, { version: null, asOf: '2026-11-25T19:03:21.000Z' }],
    ['EventsParameters', {}, { from: 1, limit: 50 }],
    ['EventsParameters', { from: '9007199254740991', limit: '200' }, { from: Number.MAX_SAFE_INTEGER, limit: 200 }],
    ['OrderParameters', {}, { minVersion: 0, waitMs: 2000 }],
    ['OrderParameters', { minVersion: '0', waitMs: '0' }, { minVersion: 0, waitMs: 0 }],
    ['OrderParameters', { minVersion: '7', waitMs: '10000' }, { minVersion: 7, waitMs: 10000 }],
    ['CustomerOrdersParameters', {}, { limit: 50, cursor: null }],
    ['CustomerOrdersParameters', { limit: '1', cursor: '' }, { limit: 1, cursor: '' }],
    ['OrdersByStatusParameters', { status: 'SHIPPED' }, { status: 'SHIPPED', limit: 50, cursor: null }],
  ])('given %s %j, then they are %j', (name, sent, expected) => {
    expect(readFields<object>(parameters[name], sent)).toEqual({ value: expected });
  });

  it.each<[Name, object, string]>([
    ['StateParameters', { version: '0' }, 'version'],
    ['StateParameters', { version: '' }, 'version'],
    ['StateParameters', { version: '-1' }, 'version'],
    ['StateParameters', { version: '1.0' }, 'version'],
    ['StateParameters', { version: '1e3' }, 'version'],
    ['StateParameters', { version: ' 1' }, 'version'],
    ['StateParameters', { version: '9007199254740992' }, 'version'],
    ['StateParameters', { version: ['1', '2'] }, 'version'],
    ['StateParameters', { version: '1', asOf: '2026-11-25T19:03:21Z' }, 'asOf'],
    ['StateParameters', { asOf: '2026-11-25' }, 'asOf'],
    ['StateParameters', { asOf: '' }, 'asOf'],
    ['StateParameters', { asOf: ['2026-11-25T19:03:21Z', '2026-11-25T19:03:21Z'] }, 'asOf'],
    ['StateParameters', { limit: '1' }, 'limit'],
    ['EventsParameters', { from: '0' }, 'from'],
    ['EventsParameters', { limit: '0' }, 'limit'],
    ['EventsParameters', { limit: '201' }, 'limit'],
    ['OrderParameters', { minVersion: '-1' }, 'minVersion'],
    ['OrderParameters', { waitMs: '10001' }, 'waitMs'],
    ['CustomerOrdersParameters', { limit: '201' }, 'limit'],
    ['CustomerOrdersParameters', { cursor: ['a', 'b'] }, 'cursor'],
    ['CustomerOrdersParameters', { status: 'CREATED' }, 'status'],
    ['OrdersByStatusParameters', {}, 'status'],
    ['OrdersByStatusParameters', { status: 'created' }, 'status'],
    ['OrdersByStatusParameters', { status: ['CREATED', 'CREATED'] }, 'status'],
  ])('given %s %j, then %s is what is wrong', (name, sent, field) => {
    const outcome = readFields<object>(parameters[name], sent);
    expect(outcome).toEqual({ violations: [{ field, message: expect.any(String) }] });
  });
});
