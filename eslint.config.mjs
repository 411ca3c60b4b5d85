import nx from '@nx/eslint-plugin';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Pure libraries know no framework and no server. */
const servers = ['kafkajs', 'mysql2', 'typeorm', 'mongoose', 'mongodb', 'ioredis'];
const serverPackages = ['@nestjs/*', ...servers, ...servers.map((name) => `${name}/*`)];
const kafkaClient = ['kafkajs', 'kafkajs/*'];

/** Rings: app -> service -> adapter -> pure. `more`: what else the files may use. */
const rings = (...more) => [
  {
    sourceTag: 'ring:pure',
    onlyDependOnLibsWithTags: ['ring:pure'],
    bannedExternalImports: serverPackages,
  },
  {
    sourceTag: 'ring:adapter',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', ...more],
    bannedExternalImports: kafkaClient,
  },
  // A client of Kafka, behind the ports of libs/transport.
  { sourceTag: 'ring:client', onlyDependOnLibsWithTags: ['ring:pure', 'scope:transport', ...more] },
  {
    sourceTag: 'ring:service',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', ...more],
    bannedExternalImports: kafkaClient,
  },
  {
    sourceTag: 'ring:app',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:service', ...more],
    bannedExternalImports: kafkaClient,
  },
  {
    sourceTag: 'ring:testing',
    onlyDependOnLibsWithTags: ['ring:pure', 'ring:adapter', 'ring:testing'],
  },
  // In the browser: types of the REST API, whose schemas would bring a library along.
  {
    sourceTag: 'ring:web',
    onlyDependOnLibsWithTags: ['ring:pure'],
    bannedExternalImports: [...serverPackages, 'zod'],
  },
  { sourceTag: 'ring:tool', onlyDependOnLibsWithTags: ['*'] },
  // A target knows neither the source nor Kafka.
  { sourceTag: 'scope:target', onlyDependOnLibsWithTags: ['ring:pure', 'ring:testing', 'scope:target'] },
];

const scope = (name, ...others) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: ['shared', name, ...others].map((other) => `scope:${other}`),
});

const kafka = ['topics', 'transport'];

/** Subjects: neither side of the pipeline knows the other one, and neither knows what carries its events. */
const scopes = [
  scope('shared'),
  scope('source'),
  scope('target'),
  // The ports know nothing of Tributary's topics; the topics stand on the ports alone.
  scope('transport'),
  scope('topics', 'transport'),
  // Its environment has the TLS options of Redis.
  scope('service', ...kafka, 'target'),
  scope('relay', 'service', ...kafka, 'source'),
  scope('validator', 'service', ...kafka),
  scope('sink', 'service', ...kafka, 'target'),
  // The pages know the REST API by its types, and nothing else of the product.
  scope('web'),
  // Tasks of many machines: each does the work of a stage, by its libraries.
  scope('bulk', 'spark', 'relay', 'validator', 'service', ...kafka, 'source', 'target'),
  // An engine knows nothing of what runs on it.
  scope('spark'),
  scope('operations', 'bulk', 'spark', 'service', ...kafka, 'source', 'target'),
];

/** The product reaches no code of tests; tests may look across scopes. */
const ofProduct = [...rings(), ...scopes];
const ofTests = rings('ring:testing', 'ring:client');

/** Where a process opens its connections: these alone of the product may name the Kafka client behind the ports. */
const openers = ['libs/service/src/service-transport.ts', 'libs/operations/src/servers.ts'];
const ofOpeners = ofProduct.map((constraint) => ({
  ...constraint,
  onlyDependOnLibsWithTags: [...constraint.onlyDependOnLibsWithTags, 'ring:client'],
}));

/** The command line parses options and prints; what it does is in libs/operations. */
const commandLine = {
  sourceTag: 'scope:cli',
  onlyDependOnLibsWithTags: ['ring:pure', 'scope:operations'],
  bannedExternalImports: [...serverPackages, 'prom-client', 'pino'],
};

/** The console answers calls; what it does is in libs/operations too, and what a process needs to run in libs/service. */
const webConsole = {
  sourceTag: 'scope:console',
  onlyDependOnLibsWithTags: ['ring:pure', 'scope:operations', 'scope:service'],
  bannedExternalImports: servers.flatMap((name) => [name, `${name}/*`]),
};

/** What every target promises is run against the targets of other projects too; by its name it would be a circle. */
const conformance = '^(\\.\\./)+targets/test/.*$';

const boundaries = (depConstraints, ...allow) => ['error', { allow, depConstraints }];

export default [
  {
    ignores: [
      ...['**/dist', '**/coverage', '**/node_modules', '**/.nx', '**/.tributary'],
      // Generated.
      'libs/spark/src/proto',
    ],
  },
  ...nx.configs['flat/base'],
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries(ofProduct),
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  { files: ['apps/console-web/**/*.{ts,tsx}'], ...hooks.configs.flat.recommended },
  { files: openers, rules: { '@nx/enforce-module-boundaries': boundaries(ofOpeners) } },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(ofTests, conformance) },
  },
  {
    files: ['apps/cli/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries([...ofProduct, commandLine]) },
  },
  {
    files: ['apps/console/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries([...ofProduct, webConsole]) },
  },
];
