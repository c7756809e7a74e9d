import cassandra from 'cassandra-driver';
import { classifyCqlError, type RequestKind } from './cql-error.js';

const { NoHostAvailableError, OperationTimedOutError, ResponseError, BusyConnectionError, ArgumentError } =
  cassandra.errors;

type Verdict = 'StoreUnavailableError' | 'CqlUnknownOutcomeError' | 'CqlRefusedError';

const response = (code: number) => new ResponseError(code, `server error ${code}`);
/** What the driver throws for a lost connection: of what had been sent, and of what still waited to be. */
const socketError = (marks: object) => Object.assign(new Error('Socket was closed'), { isSocketError: true, ...marks });
const refusedConnection = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', isSocketError: true });
const noHost = (...inner: unknown[]) =>
  new NoHostAvailableError(Object.fromEntries(inner.map((error, index) => [`10.0.0.${index}:9042`, error])));
const noConnection = new Error('No connection available');

describe('a failed request', () => {
  it.each<[string, unknown, Verdict, Verdict, Verdict?]>([
    [
      'a coordinator that found too few replicas',
      response(0x1000),
      'StoreUnavailableError',
      'StoreUnavailableError',
      'CqlUnknownOutcomeError', // found, perhaps, when the condition had been agreed on already
    ],
    [
      'hosts that found too few replicas',
      noHost('Host considered as DOWN', response(0x1000)),
      'StoreUnavailableError',
      'StoreUnavailableError',
      'CqlUnknownOutcomeError',
    ],
    ['an overloaded coordinator', response(0x1001), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['a bootstrapping coordinator', response(0x1002), 'StoreUnavailableError', 'StoreUnavailableError'],
    ['a write time-out of the server', response(0x1100), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['a read time-out of the server', response(0x1200), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['a read failure of the server', response(0x1300), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['a write failure of the server', response(0x1500), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['a failed write to a change log', response(0x1600), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['a condition whose outcome is unknown', response(0x1700), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['an internal error of the server', response(0x0000), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['a syntax error', response(0x2000), 'CqlRefusedError', 'CqlRefusedError'],
    ['a missing right', response(0x2100), 'CqlRefusedError', 'CqlRefusedError'],
    ['a missing table', response(0x2200), 'CqlRefusedError', 'CqlRefusedError'],
    ['a value of the wrong type', new TypeError('no'), 'CqlRefusedError', 'CqlRefusedError'],
    ['a value the driver refuses', new ArgumentError('no'), 'CqlRefusedError', 'CqlRefusedError'],
    [
      'a time-out of the client',
      new OperationTimedOutError('too late', '10.0.0.1'),
      'StoreUnavailableError',
      'CqlUnknownOutcomeError',
    ],
    ['a lost connection, after sending', socketError({}), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    [
      'a lost connection, before sending',
      socketError({ requestNotWritten: true }),
      'StoreUnavailableError',
      'StoreUnavailableError',
    ],
    [
      'a connection that is full',
      new BusyConnectionError('10.0.0.1', 2048, 1),
      'StoreUnavailableError',
      'StoreUnavailableError',
    ],
    [
      'no host that could be tried',
      noHost('Host considered as DOWN', noConnection, refusedConnection),
      'StoreUnavailableError',
      'StoreUnavailableError',
    ],
    ['no host known', noHost(), 'StoreUnavailableError', 'StoreUnavailableError'],
    [
      'one host down and one that timed out',
      noHost('Host considered as DOWN', new OperationTimedOutError('too late', '10.0.0.1')),
      'StoreUnavailableError',
      'CqlUnknownOutcomeError',
    ],
    [
      'one host down and one that refused',
      noHost('Host considered as DOWN', response(0x2200)),
      'CqlRefusedError',
      'CqlRefusedError',
    ],
    ['a host that was tried and said nothing', noHost(null), 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
    ['something never seen before', { surprise: true }, 'StoreUnavailableError', 'CqlUnknownOutcomeError'],
  ])('%s: a read and a write are judged each for itself', (_, error, read, write, conditional = write) => {
    const verdict = (kind: RequestKind) => {
      const classified = classifyCqlError(error, kind);
      expect(classified.cause).toBe(error);
      return classified.name;
    };
    expect(verdict('read')).toBe(read);
    expect(verdict('write')).toBe(write);
    expect(verdict('conditional write')).toBe(conditional);
  });

  it('of no host that could be asked, says in one line what each of them said', () => {
    expect(classifyCqlError(noHost('Host considered as DOWN', refusedConnection), 'read').message).toBe(
      'read: no node could be asked (10.0.0.0:9042: Host considered as DOWN; 10.0.0.1:9042: connect)',
    );
  });
});
