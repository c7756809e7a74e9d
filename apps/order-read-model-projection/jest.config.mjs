import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'order-read-model-projection' };
