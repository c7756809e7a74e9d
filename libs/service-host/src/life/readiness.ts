import type { Clock } from '@chronicle/seams';
import type { Log } from './log.js';

/** What a probe found: whether the part can do its work, and a word for people about it. */
export interface ProbeResult {
  readonly up: boolean;
  readonly detail?: string | null;
}

/** Asks one part of the app whether it can do its work. */
export type Probe = () => Promise<ProbeResult> | ProbeResult;

/** The body of `/health/ready`. */
export interface ReadinessReport {
  readonly status: 'up' | 'down';
  readonly parts: readonly { readonly name: string; readonly status: 'up' | 'down'; readonly detail: string | null }[];
}

/** A probe that has not answered after this long counts as down. */
const PROBE_TIMEOUT_MS = 2_000;

/** The parts that must be up for the app to be given work. */
export class Readiness {
  private readonly probes = new Map<string, { probe: Probe; timeoutMs: number }>();
  private asking: Promise<ReadinessReport> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Adds a part under a name of its own. A probe that throws, or takes longer than `timeoutMs`, counts as down. */
  add(name: string, probe: Probe, timeoutMs: number = PROBE_TIMEOUT_MS): void {
    if (this.probes.has(name))
      throw new Error(`the readiness part "${name}" exists; expected a name of its own for each part`);
    this.probes.set(name, { probe, timeoutMs });
  }

  /** Asks all parts at once; questions that come meanwhile share the answer. */
  report(): Promise<ReadinessReport> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(): Promise<ReadinessReport> {
    const parts = await Promise.all(
      [...this.probes].map(async ([name, { probe, timeoutMs }]) => {
        const { up, detail = null } = await this.askOne(name, probe, timeoutMs);
        return { name, status: up ? ('up' as const) : ('down' as const), detail };
      }),
    );
    return { status: parts.every((part) => part.status === 'up') ? 'up' : 'down', parts };
  }

  private async askOne(name: string, probe: Probe, timeoutMs: number): Promise<ProbeResult> {
    const answered = new AbortController();
    const late = this.clock
      .sleep(timeoutMs, answered.signal)
      .then(() => ({ up: false, detail: `no answer within ${timeoutMs} ms` }));
    try {
      return await Promise.race([probe(), late]);
    } catch (error) {
      this.log.warn({ err: error, part: name }, 'a readiness probe failed');
      return { up: false, detail: 'the probe failed; the log says why' };
    } finally {
      answered.abort();
    }
  }
}
