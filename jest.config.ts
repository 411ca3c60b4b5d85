/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Nest 12 and a few of its dependencies are published as ESM only; swc turns them into CommonJS for Jest. */
const esmPackages =
  '@nestjs|file-type|strtok3|@tokenizer|token-types|@borewit|uint8array-extras|load-esm|uid|iterare|@lukeed|@octokit|@faker-js|execa|iron-webcrypto|openid-client|oauth4webapi|jose|zod-openapi';

const shared = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/tools/test/plain-environment.mjs',
  moduleNameMapper: { '^@tributary/(.*)$': '<rootDir>/libs/$1/src/index.ts' },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.tributary', '<rootDir>/.nx'],
  // The MongoDB driver's one dynamic import() would fail in Jest, and with it the driver's introduction to the server.
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages})/|mongodb/lib/runtime_adapters)`],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        // Lazy: a spec loads of a library, which its index names whole, what it uses; half of a short spec's time went into the rest.
        module: { type: 'commonjs', lazy: true },
      },
    ],
  },
} satisfies Config;

/** `unit` needs nothing but node; `servers` needs the stack; `e2e` needs the stack and the built services. */
const config: Config = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,tools}/**/src/**/*.spec.ts', '<rootDir>/tools/**/*.spec.ts'],
      setupFilesAfterEnv: ['<rootDir>/tools/test/jest-unit-timeout.ts'],
    },
    {
      ...shared,
      displayName: 'servers',
      testMatch: ['<rootDir>/{apps,libs}/**/test/**/*.spec.ts'],
      globalSetup: '<rootDir>/tools/test/jest-servers-setup.ts',
      setupFilesAfterEnv: ['<rootDir>/tools/test/jest-timeout.ts'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/**/*.spec.ts'],
      globalSetup: '<rootDir>/tools/test/jest-servers-setup.ts',
      setupFilesAfterEnv: ['<rootDir>/tools/test/jest-timeout.ts'],
    },
  ],
};

export default config;
