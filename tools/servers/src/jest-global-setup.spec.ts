import { spawn } from 'node:child_process';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../fixtures/jest-project');
const JEST = join(import.meta.dirname, '../../../node_modules/jest/bin/jest.js');
/** Nothing named by whoever runs this spec, and no Docker. */
const ONLY_PROCESSES = { CHRONICLE_KAFKA: '', CHRONICLE_CASSANDRA: '', CHRONICLE_REDPANDA_IMAGE: '' };

describe("Jest's set-up of a run", () => {
  it('given a project that names a server, starts it for the specs and ends it afterwards', async () => {
    const { code, output } = await jest(ONLY_PROCESSES);
    expect(output).toContain('1 passed');
    expect(code).toBe(0);
    const pid = Number(/is ready \(process (\d+)\)/.exec(output)?.[1]);
    expect(pid).toBeGreaterThan(1);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('given none to be had, says so loudly and by name', async () => {
    const { output } = await jest({ ...ONLY_PROCESSES, JAVA_HOME: '/nowhere', CI: '' });
    expect(output).toContain('sample: SKIPPED: the suites that need kafka are not run; no kafka to be had');
  });

  it('given none to be had and CI=true, fails', async () => {
    const { code, output } = await jest({ ...ONLY_PROCESSES, JAVA_HOME: '/nowhere', CI: 'true' });
    expect(output).toContain('CI=true, so nothing may be skipped, but no kafka to be had');
    expect(code).toBe(1);
  });
});

async function jest(environment: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const run = spawn(
    process.execPath,
    ['--experimental-vm-modules', JEST, '--rootDir', PROJECT, '-c', join(PROJECT, 'jest.config.mjs')],
    {
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (text) => void (output += String(text)));
  const code = await new Promise<number | null>((ended) => run.once('close', ended));
  return { code, output };
}
