import { whyNoImage } from './docker-images.js';
import { silent } from './progress.js';

const IMAGE = 'some/image:1';

describe('the search for an image', () => {
  it('given an engine that has it, finds it without asking a registry', async () => {
    const docker = dockerThat({ version: true, image: true });
    expect(await whyNoImage(IMAGE, silent, docker.run)).toBeUndefined();
    expect(docker.asked).toEqual(['version', 'image']);
  });

  it('given an engine that can fetch it, finds it', async () => {
    const docker = dockerThat({ version: true, image: false, pull: true });
    expect(await whyNoImage(IMAGE, silent, docker.run)).toBeUndefined();
    expect(docker.asked).toEqual(['version', 'image', 'pull']);
  });

  it('given no engine, asks no further', async () => {
    const docker = dockerThat({ version: false });
    expect(await whyNoImage(IMAGE, silent, docker.run)).toBe('no engine answers (version failed)');
    expect(docker.asked).toEqual(['version']);
  });

  it('given an image that cannot be fetched, says why', async () => {
    const docker = dockerThat({ version: true, image: false, pull: false });
    expect(await whyNoImage(IMAGE, silent, docker.run)).toBe(
      'some/image:1 is not here and cannot be pulled (pull failed)',
    );
  });

  it('given no name, does not ask Docker at all', async () => {
    const docker = dockerThat({});
    expect(await whyNoImage('', silent, docker.run)).toBe('its image is set to nothing');
    expect(docker.asked).toEqual([]);
  });
});

/** Commands not named fail the spec. Each call must be bounded in time. */
function dockerThat(succeeds: Record<string, boolean>) {
  const asked: string[] = [];
  const run = async (command: string, [verb]: readonly string[], timeoutMs: number) => {
    if (command !== 'docker' || !verb || !(verb in succeeds) || !(timeoutMs > 0))
      throw new Error(`unexpected ${command} ${verb}`);
    asked.push(verb);
    return { failed: !succeeds[verb], output: `${verb} failed\nfor a reason` };
  };
  return { asked, run };
}
