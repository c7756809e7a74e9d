import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
const services = Object.entries(compose.services);
const stages = new Map(
  [...read('deploy/docker/Dockerfile').matchAll(/^FROM (\S+) AS (\S+)\n([\s\S]*?)(?=^FROM |$(?![\s\S]))/gm)].map(
    ([, base, name, body]) => [name!, { base: base!, body: body! }],
  ),
);
const apps = readdirSync(join(root, 'apps'));

/** What stands in a stage and in those that it is made from. */
function contentOf(stage: string): string {
  const found = stages.get(stage);
  return found ? contentOf(found.base) + found.body : '';
}

describe('docker-compose.yml', () => {
  it.each(apps)('runs %s from its own target of the Dockerfile, behind authentication', (app) => {
    const service = compose.services[app];
    expect(service?.build).toEqual({ context: '.', dockerfile: 'deploy/docker/Dockerfile', target: app });
    expect(stages.get(app)?.body).toContain(`CMD ["node", "apps/${app}/dist/main.js"]`);
    expect(service?.environment).toMatchObject({ ENGINE: 'scylla', AUTH_MODE: 'jwt', WRITE_DATACENTER: 'datacenter1' });
    expect(service?.depends_on?.migrate).toEqual({ condition: 'service_completed_successfully' });
  });

  it('has ScyllaDB and Redpanda, and the apps, looked after by health checks', () => {
    const unwatched = services.filter(
      ([, { build, healthcheck }]) => !healthcheck && !(build && contentOf(build.target).includes('\nHEALTHCHECK ')),
    );
    // These do one thing and end.
    expect(unwatched.map(([name]) => name).toSorted()).toEqual(['cli', 'issuer', 'keys', 'migrate']);
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(['scylla', 'redpanda', ...apps]));
  });

  it('pins every image', () => {
    const images = services.flatMap(([, { image }]) => image ?? []);
    const bases = [...stages.values()].map(({ base }) => base).filter((base) => !stages.has(base));
    expect(images).toHaveLength(2);
    for (const image of [...images, ...bases]) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-|$)/);
  });

  it('has the images of the servers that the suites run on', () => {
    const known = read('tools/servers/src/docker.ts');
    for (const { image } of Object.values(compose.services)) if (image) expect(known).toContain(`'${image}'`);
  });

  it('publishes ports on loopback only, each once', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(apps.length + 2);
  });
});

describe('the Dockerfile', () => {
  it('runs every target as an ordinary user, with the memory flags of npm start', () => {
    const flags = /MEMORY_FLAGS = \[(.*)\]/.exec(read('tools/system/src/supervised-app.ts'))![1]!;
    for (const target of services.flatMap(([, { build }]) => build?.target ?? [])) {
      expect(contentOf(target)).toContain('\nUSER node\n');
      for (const [flag] of flags.matchAll(/--[\w-]+=\d+/g)) expect(contentOf(target)).toContain(flag);
      expect(contentOf(target)).toContain('MALLOC_ARENA_MAX=2');
    }
  });
});
