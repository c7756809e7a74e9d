import { Principal } from '../auth/principal.js';
import { ManualClock } from '../seams.fixture.js';
import { CALLERS_MAX, RateLimit } from './rate-limit.js';

const caller = (subject: string, issuer = 'issuer') => new Principal(issuer, subject, new Set(), null);

describe('the rate limit', () => {
  it('says how long to wait, in whole seconds', () => {
    const clock = new ManualClock();
    const rate = new RateLimit(1, clock);
    rate.take(caller('jo'));
    clock.pass(1);
    expect(() => rate.take(caller('jo'))).toThrow(
      expect.objectContaining({ code: 'too-many-requests', headers: { 'retry-after': '1' } }),
    );
  });

  it('never lets more come at once than in one second, however long nobody called', () => {
    const clock = new ManualClock();
    const rate = new RateLimit(3, clock);
    clock.pass(3_600_000);
    for (let call = 0; call < 3; call += 1) rate.take(caller('jo'));
    expect(() => rate.take(caller('jo'))).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
  });

  it('tells equal subjects of two issuers apart', () => {
    const rate = new RateLimit(1, new ManualClock());
    rate.take(caller('jo', 'one'));
    rate.take(caller('jo', 'two'));
  });

  it('remembers a bounded number of callers and forgets the one that called least recently', () => {
    const rate = new RateLimit(1, new ManualClock());
    rate.take(caller('first'));
    rate.take(caller('second'));
    expect(() => rate.take(caller('first'))).toThrow(); // now the more recent of the two
    for (let index = 0; index < CALLERS_MAX - 1; index += 1) rate.take(caller(String(index)));
    expect(() => rate.take(caller('first'))).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
    rate.take(caller('second'));
  });
});
