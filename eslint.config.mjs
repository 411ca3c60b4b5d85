import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Dependencies point one way: app -> service -> adapter -> pure. Pure libs know no framework and no server. */
const servers = ['kafkajs', 'mysql2', 'typeorm', 'mongoose', 'mongodb', 'ioredis'];
const serverPackages = ['@nestjs/*', ...servers, ...servers.map((name) => `${name}/*`)];

const depConstraints = [
  {
    sourceTag: 'ring:pure',
    onlyDependOnLibsWithTags: ['ring:pure'],
    bannedExternalImports: serverPackages,
  },
  {
    sourceTag: 'ring:adapter',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:testing'],
  },
  {
    sourceTag: 'ring:service',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', 'ring:testing'],
  },
  {
    sourceTag: 'ring:app',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', 'ring:testing'],
  },
  {
    sourceTag: 'ring:testing',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:testing'],
  },
  { sourceTag: 'ring:tool', onlyDependOnLibsWithTags: ['*'] },
  // A target knows neither the source nor Kafka.
  { sourceTag: 'scope:target', onlyDependOnLibsWithTags: ['ring:pure', 'ring:testing', 'scope:target'] },
];

/** The command line parses options and prints; what it does is in libs/operations. */
const commandLine = {
  sourceTag: 'scope:cli',
  onlyDependOnLibsWithTags: ['ring:pure', 'scope:operations'],
  bannedExternalImports: [...serverPackages, 'prom-client', 'pino'],
};

const boundaries = (constraints) => [
  'error',
  {
    allow: [
      '^(\\.\\./)+(tools/)?(build|test|options|stack|services|sample|demo)(/.*)?$',
      // What every target promises is run against targets of other projects too.
      '^(\\.\\./)+targets/test/.*$',
    ],
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
      '@nx/enforce-module-boundaries': boundaries(depConstraints),
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
    files: ['apps/cli/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries([...depConstraints, commandLine]) },
  },
];
