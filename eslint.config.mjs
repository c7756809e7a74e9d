import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { scopes, types, typesNearTheMachine, typesReadingEnvironment } from './boundaries.mjs';

const SPECS = ['**/*.spec.ts'];
/** Files that only specs import. */
const FIXTURES = ['**/*.fixture.ts'];

/** The configuration of the project in `folder`: the rules of the house and those its tags ask for. */
export function projectConfig(folder) {
  const { nx: project } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const type = project.tags.find((tag) => tag.startsWith('type:'))?.slice('type:'.length);
  return [
    ...houseRules(folder),
    ...boundaryRules(),
    ...(type === 'domain' ? [domainRules()] : []),
    ...(type !== 'domain' && !typesNearTheMachine.includes(type) ? [seamRules()] : []),
    ...(typesReadingEnvironment.includes(type) ? [] : [environmentRules()]),
  ];
}

function houseRules(folder) {
  return [
    { ignores: ['dist/**', 'out-tsc/**', 'coverage/**', 'node_modules/**'] },
    { linterOptions: { noInlineConfig: true } },
    js.configs.recommended,
    ...tseslint.configs.recommended,
    { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
    {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: folder } },
      rules: {
        '@typescript-eslint/no-explicit-any': 'error',
        '@typescript-eslint/no-floating-promises': 'error',
        '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      },
    },
  ];
}

function boundaryRules() {
  return [
    { files: ['**/*.ts'], plugins: { '@nx': nx }, rules: importsAllowed([]) },
    { files: [...SPECS, ...FIXTURES], plugins: { '@nx': nx }, rules: importsAllowed(['testing']) },
  ];
}

function importsAllowed(typesForAll) {
  const tagged = (kind, names) => names.map((name) => `${kind}:${name}`);
  const depConstraints = [
    ...Object.entries(types).map(([type, allowed]) => ({
      sourceTag: `type:${type}`,
      onlyDependOnLibsWithTags: tagged('type', [...allowed, ...typesForAll]),
    })),
    ...Object.entries(scopes).map(([scope, allowed]) => ({
      sourceTag: `scope:${scope}`,
      onlyDependOnLibsWithTags: tagged('scope', allowed),
    })),
  ];
  return {
    '@nx/enforce-module-boundaries': ['error', { allow: [], enforceBuildableLibDependency: true, depConstraints }],
  };
}

/** Time, ids, random numbers and timers come in through @chronicle/seams, so that a test can take control of them. */
function seamRules() {
  return {
    files: ['**/*.ts'],
    ignores: [...SPECS, 'src/system-*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval'].map((name) => ({ name, message: 'Take a Clock from @chronicle/seams.' })),
      ],
      'no-restricted-syntax': ['error', ...SEAM_SYNTAX],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:timers', message: 'Take a Clock from @chronicle/seams.' },
            { name: 'node:timers/promises', message: 'Take a Clock from @chronicle/seams.' },
            { name: 'node:crypto', importNames: ['randomUUID'], message: 'Take ids from @chronicle/seams.' },
          ],
        },
      ],
    },
  };
}

const SEAM_SYNTAX = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'Take the time from a Clock of @chronicle/seams.',
  },
  {
    selector: 'CallExpression[callee.name="Date"]',
    message: 'Take the time from a Clock of @chronicle/seams.',
  },
  {
    selector: 'MemberExpression[object.name="Date"][property.name="now"]',
    message: 'Take the time from a Clock of @chronicle/seams.',
  },
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Take random numbers from @chronicle/seams.',
  },
  {
    selector: 'MemberExpression[property.name="randomUUID"]',
    message: 'Take ids from @chronicle/seams.',
  },
  {
    selector: 'MemberExpression[object.name="globalThis"][property.name=/^(setTimeout|setInterval)$/]',
    message: 'Take a Clock from @chronicle/seams.',
  },
];

/** A domain is a pure function of its arguments: no machine, no clock, no package but its own kind and contracts. */
function domainRules() {
  const impure = ['Date', 'process', 'crypto', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch'];
  return {
    files: ['**/*.ts'],
    ignores: SPECS,
    rules: {
      'no-restricted-globals': [
        'error',
        ...impure.map((name) => ({ name, message: 'A domain takes what it needs as an argument.' })),
      ],
      'no-restricted-syntax': ['error', ...SEAM_SYNTAX],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\.{1,2}/|@chronicle/)',
              message: 'A domain imports its own files, domains and contracts: no npm package, no part of Node.',
            },
          ],
        },
      ],
    },
  };
}

/** Configuration is read once, checked and passed down: by service-host for the apps, by a tool for itself. */
function environmentRules() {
  const message = 'Take the configuration as an argument: only service-host and tools read the environment.';
  return {
    files: ['**/*.ts'],
    ignores: SPECS, // the set-up of a run hands them the addresses of real servers
    rules: { 'no-restricted-properties': ['error', { object: 'process', property: 'env', message }] },
  };
}

export default [
  { ignores: ['apps/**', 'libs/**', 'tools/**', '.nx/**', 'data/**', '.servers/**'] },
  js.configs.recommended,
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
];
