import { z } from 'zod';

/** Kinds of variables. */

export const requiredVariable = (name: string, lookLike: string) =>
  z.string(`${name} is missing: set it to ${lookLike}`);

export const urlVariable = (name: string, protocols: readonly string[], example: string) =>
  requiredVariable(name, example).refine(
    (text) =>
      protocols.some((protocol) => text.startsWith(`${protocol}//`) && text.length > protocol.length + 2),
    `${name} is malformed: it must look like ${example}`,
  );

/** In any case of letters. */
export const choiceVariable = <const T extends string>(name: string, allowed: readonly T[], fallback: T) =>
  z
    .string()
    .default(fallback)
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(allowed, `${name} is malformed: it must be one of ${allowed.join(', ')}`));

export const portVariable = (name: string, fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) <= 65535,
      `${name} is malformed: it must be a port number from 0 to 65535`,
    )
    .transform(Number);

/** PEM texts: whom to trust (default: Node.js's own list), what to show of oneself. */
export interface Certificates {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const pemVariable = (name: string) =>
  z
    .string()
    .regex(
      /^-----BEGIN [A-Z ]+-----\s/m,
      `${name} is malformed: it must be PEM text ("-----BEGIN ..."); ${name}_FILE takes the path of a file`,
    )
    .optional();

/** `<prefix>_CA`, `_CERT` and `_KEY`. */
export const certificateVariables = <const Prefix extends string>(prefix: Prefix) =>
  ({
    [`${prefix}_CA`]: pemVariable(`${prefix}_CA`),
    [`${prefix}_CERT`]: pemVariable(`${prefix}_CERT`),
    [`${prefix}_KEY`]: pemVariable(`${prefix}_KEY`),
  }) as Record<`${Prefix}_${'CA' | 'CERT' | 'KEY'}`, ReturnType<typeof pemVariable>>;

/**
 * `used`: whether the connection is made with TLS at all; one that is not, in spite of a certificate, would tell its
 * password to anybody on the way.
 */
export function certificatesOf(
  prefix: string,
  values: Readonly<Record<string, unknown>>,
  { used, condition }: { readonly used: boolean; readonly condition: string },
  fault: (name: string, message: string) => void,
): Certificates {
  const [ca, cert, key] = ['CA', 'CERT', 'KEY'].map(
    (kind) => values[`${prefix}_${kind}`] as string | undefined,
  );
  if (!used && (ca ?? cert ?? key))
    fault(
      `${prefix}_CA`,
      `${prefix}_CA, ${prefix}_CERT and ${prefix}_KEY have a meaning only when ${condition}`,
    );
  if ((cert === undefined) !== (key === undefined))
    fault(`${prefix}_CERT`, `${prefix}_CERT and ${prefix}_KEY belong together: set both or none`);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
