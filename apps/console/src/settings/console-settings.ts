import { randomBytes } from 'node:crypto';
import { consoleSecret } from '@tributary/console-access';
import { fatal } from '@tributary/kernel';
import { Environment, envPart, type Variables } from '@tributary/sync-config';
import { z } from 'zod';

/** The OpenID provider that logs people in. */
export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is in this group of the provider is an operator, else a viewer; without it everybody is a viewer. */
  readonly operatorGroup: string | undefined;
}

/** What the console is told beside what every service is told (docs/console.md). */
export interface ConsoleSettings {
  readonly usersFile: string | undefined;
  readonly oidc: OidcSettings | undefined;
  /** Seals sessions and tokens. */
  readonly secret: string;
  /** Valid for an operator; `undefined` where users or a provider say who may do what. */
  readonly printedToken: string | undefined;
  /** The address that people use, where it is not the one that a request names. */
  readonly url: URL | undefined;
  /** Proxies in front, whose word for the caller's address is believed. */
  readonly proxies: number;
}

const oidcVariables = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;

const httpUrl = (name: string, example: string) =>
  z
    .string()
    .refine(
      (text) => /^https?:$/.test(urlOf(text)?.protocol ?? ''),
      `${name} is malformed: it must look like ${example}`,
    )
    .transform((text) => new URL(text))
    .optional();

const urlOf = (text: string) => (URL.canParse(text) ? new URL(text) : undefined);

const variables = envPart(
  {
    CONSOLE_USERS_FILE: z.string().optional(),
    CONSOLE_URL: httpUrl('CONSOLE_URL', 'https://tributary.example.org'),
    CONSOLE_PROXIES: z
      .string()
      .regex(/^\d$/, 'CONSOLE_PROXIES is malformed: it must be a number from 0 to 9')
      .default('0'),
    OIDC_ISSUER: httpUrl('OIDC_ISSUER', 'https://login.example.org/realms/main'),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z.string().optional(),
    OIDC_OPERATOR_GROUP: z.string().optional(),
  },
  (values, fault): Omit<ConsoleSettings, 'secret'> => {
    const given = oidcVariables.filter((name) => values[name] !== undefined);
    if (given.length > 0)
      for (const name of oidcVariables)
        if (values[name] === undefined)
          fault(name, `${name} is missing: it belongs to ${given.join(' and ')}`);
    const {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: clientId = '',
      OIDC_CLIENT_SECRET: clientSecret = '',
    } = values;
    const oidc = issuer && { issuer, clientId, clientSecret, operatorGroup: values.OIDC_OPERATOR_GROUP };
    const anybodyKnown = values.CONSOLE_USERS_FILE !== undefined || oidc !== undefined;
    return {
      ...{ usersFile: values.CONSOLE_USERS_FILE, oidc, url: values.CONSOLE_URL },
      printedToken: anybodyKnown ? undefined : randomBytes(32).toString('base64url'),
      proxies: Number(values.CONSOLE_PROXIES),
    };
  },
);

/** Throws one fatal SyncError `ENV` that names every wrong variable, and no value. */
export function readConsoleSettings(from: Variables = process.env): ConsoleSettings {
  const read = new Environment(from);
  const [secret, settings] = [read.read(consoleSecret), read.read(variables)];
  if (!settings || read.faults.length > 0)
    throw fatal('ENV', `The environment is not usable, nothing was started:\n  ${read.faults.join('\n  ')}`);
  return { ...settings, secret: secret ?? randomBytes(32).toString('base64url') };
}
