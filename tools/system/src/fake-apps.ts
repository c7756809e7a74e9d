import { join } from 'node:path';
import type { AppDefinition } from './apps.js';

/** The script of {@link fakeApps}. */
export const FAKE_APP = join(import.meta.dirname, '../fixtures/fake-app.mjs');

/** Small apps for the specs of the supervisor: they answer health and end as `environment` says (see the script). */
export function fakeApps(...environments: NonNullable<AppDefinition['environment']>[]): AppDefinition[] {
  return environments.map((environment, index) => ({
    name: `fake-${index + 1}`,
    portOffset: index,
    entry: FAKE_APP,
    environment,
  }));
}
