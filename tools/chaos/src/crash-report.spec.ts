import { reportText, whatZeroMeans } from './crash-report.js';
import type { CrashReport } from './crash-report.js';

const report: CrashReport = {
  ...{
    engine: 'embedded',
    seed: 7,
    passed: true,
    dataDir: '/data/of/it',
    durationMs: 61_000,
    faults: { SIGKILL: 120 },
  },
  commands: { ok: 10, refused: 2, unknown: 1, attempts: 15 },
  losses: [],
  invariants: [{ number: 1, promise: 'nothing is lost', checked: '13 commands', violations: [] }],
  whatZeroMeans: whatZeroMeans(120),
};

describe('a report', () => {
  it('of a run in which all held says so, and what that means', () => {
    expect(reportText(report).split('\n')).toEqual([
      'crash run on embedded, seed 7: all invariants held after 61 s',
      'commands: 10 ok, 2 refused, 1 unknown (15 attempts)',
      'faults: 120 SIGKILL',
      ' 1 held   nothing is lost (13 commands)',
      'no invariant broken in 120 crashes means: with 95 % confidence at most 2.5 % of such crashes break one (3/120)',
    ]);
  });

  it('of a broken invariant says what broke it, and nothing of what zero means', () => {
    const violations = Array.from({ length: 12 }, (_, index) => `event ${index} is lost`);
    const broken = { ...report, passed: false, invariants: [{ ...report.invariants[0]!, violations }] };
    const text = reportText(broken);
    expect(text).toContain(' 1 BROKEN nothing is lost (13 commands)\n     event 0 is lost\n');
    expect(text).toMatch(/ {5}event 9 is lost\n {5}and 2 more$/);
  });

  it('of a lost node says how clients were served meanwhile', () => {
    const loss = { node: '127.0.1.2:9042', downMs: 20_340, attempts: 800, answered: 790, slowestMs: 1204 };
    expect(reportText({ ...report, losses: [loss] })).toContain(
      '\n127.0.1.2:9042 lost for 20.3 s: 790 of 800 attempts answered (98.8 %), the slowest after 1204 ms\n',
    );
  });

  it('without a crash has shown nothing', () => {
    expect(whatZeroMeans(0)).toBe('no fault was injected: nothing was shown');
    expect(whatZeroMeans(2)).toBe('no invariant broken in 2 crashes: too few to say anything of their rate');
  });
});
