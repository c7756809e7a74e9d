import { PROFILES, type Profile } from './run-schedules.js';

export const USAGE = `Usage: npm run simulate -- <profile> --seeds <from>-<to> [--patch <name>]
       npm run simulate -- <profile> --seed <seed> [--patch <name>]

  <profile>  what is simulated: ${Object.keys(PROFILES).join(', ')}
  --seeds    runs the schedules of these seeds, up to the first in which something goes wrong
  --seed     runs the schedule of this one and prints all that happens in it
  --patch    on a copy of the sources with libs/simulation/patches/<name>.patch in them`;

/** A wrong command line: what is wrong, for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface SimulationOptions {
  readonly profile: Profile;
  readonly from: number;
  readonly to: number;
  /** Prints what happens. */
  readonly traced: boolean;
  readonly patch: string | undefined;
  /** The patch that the sources of this very program have in them. */
  readonly patched: string | undefined;
}

/** Throws {@link UsageError}. */
export function parseSimulationOptions(given: readonly string[]): SimulationOptions {
  const [profile, ...rest] = given;
  if (profile === undefined || !(profile in PROFILES)) {
    throw new UsageError(`profile ${profile ?? '(none)'}: expected one of ${Object.keys(PROFILES).join(', ')}`);
  }
  const named = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 2) {
    const [name, value] = [rest[at]!, rest[at + 1]];
    if (!['--seed', '--seeds', '--patch', '--patched'].includes(name) || value === undefined) {
      throw new UsageError(`${name} ${value ?? '(nothing)'}: expected --seeds, --seed or --patch, each with a value`);
    }
    named.set(name, value);
  }
  const seed = named.get('--seed');
  const range = /^(\d{1,9})-(\d{1,9})$/.exec(named.get('--seeds') ?? (seed === undefined ? '' : `${seed}-${seed}`));
  if (!range || Number(range[1]) > Number(range[2])) {
    throw new UsageError('expected --seed with a number or --seeds with two, as in --seeds 1-1000');
  }
  return {
    profile: profile as Profile,
    from: Number(range[1]),
    to: Number(range[2]),
    traced: seed !== undefined,
    patch: named.get('--patch'),
    patched: named.get('--patched'),
  };
}
