import preset from '../../jest.preset.mjs';

/** cassandra-driver leaves a timer behind for a node that was down: Jest would wait for it for ever. */
export default { ...preset, displayName: 'tool-chaos', forceExit: true };
