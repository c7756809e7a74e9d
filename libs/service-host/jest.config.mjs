import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'service-host' };
