import { afterEach, beforeEach, describe } from '@jest/globals';
import type { EventStore } from '@chronicle/event-sourcing-core';
import { ManualClock } from '@chronicle/seams';
import { appendContract } from './append-contract.js';
import { AppendFactory, type CreateFixture, type StoreFixture } from './event-store-fixture.js';
import { readContract } from './read-contract.js';
import { rememberContract } from './remember-contract.js';

/** What the tests of a contract work with; the fields are set anew before each. */
export interface EventStoreTest {
  clock: ManualClock;
  make: AppendFactory;
  store: EventStore;
  /** Another handle on the same store, as another process has one. */
  openAnother(): Promise<EventStore>;
}

/**
 * The promises of {@link EventStore}, as tests: every adapter runs them. Call it at the top of a spec; `subject` names the
 * adapter in the reports.
 */
export function eventStoreContract(subject: string, create: CreateFixture<EventStore>): void {
  describe(`${subject}, as an EventStore`, () => {
    const test = {} as EventStoreTest;
    let fixture: StoreFixture<EventStore>;
    let opened: EventStore[];

    beforeEach(async () => {
      test.clock = new ManualClock();
      test.make = new AppendFactory(test.clock);
      fixture = await create(test.clock);
      opened = [];
      test.openAnother = async () => {
        const store = await fixture.open();
        opened.push(store);
        return store;
      };
      test.store = await test.openAnother();
    });
    afterEach(async () => {
      for (const store of opened) await store.close();
      await fixture.remove();
    });

    appendContract(test);
    rememberContract(test);
    readContract(test);
  });
}
