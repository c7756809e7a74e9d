import preset from '../../../jest.preset.mjs';

export default { ...preset, displayName: 'event-sourcing-embedded' };
