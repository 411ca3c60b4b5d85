import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Dependencies point one way: app -> service -> adapter -> pure. Pure libs know no framework and no server. */
const servers = ['kafkajs', 'mysql2', 'typeorm', 'mongoose', 'mongodb', 'ioredis'];
const serverPackages = ['@nestjs/*', ...servers, ...servers.map((name) => `${name}/*`)];

const kafkaClient = ['kafkajs', 'kafkajs/*'];

const depConstraints = [
  {
    sourceTag: 'ring:pure',
    onlyDependOnLibsWithTags: ['ring:pure'],
    bannedExternalImports: serverPackages,
  },
  {
    sourceTag: 'ring:adapter',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:testing'],
    bannedExternalImports: kafkaClient,
  },
  {
    sourceTag: 'ring:service',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', 'ring:testing'],
    bannedExternalImports: kafkaClient,
  },
  {
    sourceTag: 'ring:app',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', 'ring:testing'],
    bannedExternalImports: kafkaClient,
  },
  {
    sourceTag: 'ring:testing',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:testing'],
  },
  // The ports know no client and nothing of Tributary's topics; the topics stand on the ports alone.
  { sourceTag: 'scope:transport', onlyDependOnLibsWithTags: ['ring:pure'] },
  { sourceTag: 'scope:topics', onlyDependOnLibsWithTags: ['ring:pure', 'scope:transport', 'ring:testing'] },
  // A client of Kafka behind the ports.
  { sourceTag: 'ring:client', onlyDependOnLibsWithTags: ['ring:pure', 'scope:transport', 'ring:testing'] },
  { sourceTag: 'ring:tool', onlyDependOnLibsWithTags: ['*'] },
];

/** Where a process opens its connections, and tests: these alone may name the Kafka client that stands behind the ports. */
const openers = [
  'libs/service/src/service-transport.ts',
  'libs/operations/src/servers.ts',
  '{apps,libs}/*/test/**/*.ts',
];
const withClient = depConstraints.map((constraint) => ({
  ...constraint,
  onlyDependOnLibsWithTags: [...constraint.onlyDependOnLibsWithTags, 'ring:client'],
}));

/** The command line parses options and prints; what it does is in libs/operations. */
const commandLine = {
  sourceTag: 'scope:cli',
  onlyDependOnLibsWithTags: ['ring:pure', 'scope:operations'],
  bannedExternalImports: [...serverPackages, 'prom-client', 'pino'],
};

const boundaries = (constraints) => [
  'error',
  {
    allow: ['^(\\.\\./)+(tools/)?(build|test|options|stack|services|sample|demo)(/.*)?$'],
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
  { files: openers, rules: { '@nx/enforce-module-boundaries': boundaries(withClient) } },
  {
    files: ['apps/cli/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries([...depConstraints, commandLine]) },
  },
];
