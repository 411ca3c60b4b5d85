import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Pure libraries know no framework and no server. */
const servers = ['kafkajs', 'mysql2', 'typeorm', 'mongoose', 'mongodb', 'ioredis'];
const serverPackages = ['@nestjs/*', ...servers, ...servers.map((name) => `${name}/*`)];

/** Rings: app -> service -> adapter -> pure. `more`: what else the files may use. */
const rings = (...more) => [
  {
    sourceTag: 'ring:pure',
    onlyDependOnLibsWithTags: ['ring:pure'],
    bannedExternalImports: serverPackages,
  },
  { sourceTag: 'ring:adapter', onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', ...more] },
  {
    sourceTag: 'ring:service',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', ...more],
  },
  {
    sourceTag: 'ring:app',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', ...more],
  },
  {
    sourceTag: 'ring:testing',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:testing'],
  },
  { sourceTag: 'ring:tool', onlyDependOnLibsWithTags: ['*'] },
];

const scope = (name, ...others) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: ['shared', name, ...others].map((other) => `scope:${other}`),
});

/** Subjects: neither side of the pipeline knows the other one, and neither knows what carries its events. */
const scopes = [
  scope('shared'),
  scope('source'),
  scope('target'),
  scope('transport'),
  // Its environment has the TLS options of Redis.
  scope('service', 'transport', 'target'),
  scope('relay', 'service', 'transport', 'source'),
  scope('validator', 'service', 'transport'),
  scope('sink', 'service', 'transport', 'target'),
  scope('operations', 'service', 'transport', 'source', 'target'),
];

/** The product reaches no code of tests; tests may look across scopes. */
const ofProduct = [...rings(), ...scopes];
const ofTests = rings('ring:testing');

/** The command line parses options and prints; what it does is in libs/operations. */
const commandLine = {
  sourceTag: 'scope:cli',
  onlyDependOnLibsWithTags: ['ring:pure', 'scope:operations'],
  bannedExternalImports: [...serverPackages, 'prom-client', 'pino'],
};

const boundaries = (constraints) => [
  'error',
  {
    depConstraints: constraints,
  },
];

export default [
  { ignores: ['**/dist', '**/coverage', '**/node_modules', '**/.nx', '**/.tributary'] },
  ...nx.configs['flat/base'],
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(ofProduct),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(ofTests) },
  },
  {
    files: ['apps/cli/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries([...ofProduct, commandLine]) },
  },
];
