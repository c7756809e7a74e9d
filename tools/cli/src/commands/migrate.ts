import { migrateCluster } from '@chronicle/engine';
import { orderProjections } from '@chronicle/orders-read-models';
import { systemEntropy } from '@chronicle/seams';
import { EXIT, type Command } from '../command.js';

export const migrateCommand: Command = {
  name: 'migrate',
  usage: ['migrate [--replication DATACENTER:N,...] [--dry-run]'],
  summary: 'makes the keyspace of a cluster and its tables, as far as they are missing',
  details:
    'Prints every step: applied, or present already. Safe to repeat, when two do it at once, and beside running apps. After each\n' +
    'step it waits until all nodes agree on the schema. The embedded engine makes its files by itself.',
  example: 'migrate --engine cassandra --contact-points 10.0.0.1:9042 --replication dc1:3',
  arguments: [0, 0],
  options: {
    replication: {
      value: 'DATACENTER:N,...',
      help: 'replicas of every row by datacentre; needed once, to make the keyspace',
    },
    'dry-run': { help: 'only say what would be done' },
  },
  async run({ location, replication, options, output, clock }) {
    if (location.engine === 'embedded') {
      await output.result({ steps: [] }, () => 'nothing to do: the embedded engine makes its files by itself');
      return EXIT.done;
    }
    const onProgress = output.json ? () => undefined : ({ id, outcome }: Step) => output.note(`${outcome}: ${id}`);
    const steps = await migrateCluster(
      location,
      { projections: orderProjections, replication, dryRun: options['dry-run'] === true, onProgress },
      { clock, entropy: systemEntropy },
    );
    const changed = steps.filter(({ outcome }) => outcome !== 'present').length;
    await output.result({ steps }, () => `${changed} of ${steps.length} steps ${verb(options['dry-run'] === true)}`);
    return EXIT.done;
  },
};

interface Step {
  readonly id: string;
  readonly outcome: string;
}

function verb(isDryRun: boolean): string {
  return isDryRun ? 'would be applied' : 'applied';
}
