import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';
import { stackFolder } from './paths';

/** Certificates of a secure stack, as PEM files; made when they are missing and kept with the stack's data. */
export interface CertificateFiles {
  /** The authority that signed the other two. */
  readonly ca: string;
  /** For 127.0.0.1 and no other name. */
  readonly serverCert: string;
  readonly serverKey: string;
  /** What a client shows of itself. */
  readonly clientCert: string;
  readonly clientKey: string;
  /** Server key and certificate in one file, as Kafka's key store. */
  readonly serverBoth: string;
}

interface Identity {
  readonly key: string;
  readonly cert: string;
}

const { md, pki } = forge;

const DAYS = 825;

/** A certificate authority that exists for one stack or test. */
export class Authority {
  readonly #own: Identity;

  constructor(commonName: string) {
    this.#own = certificate(commonName, [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ]);
  }

  /** Its certificate as PEM text. */
  get cert(): string {
    return this.#own.cert;
  }

  /** A key and a certificate signed by this authority; `ip`: the address it is valid for as a server. */
  issue(commonName: string, ip?: string): Identity {
    const usage = { name: 'extKeyUsage', serverAuth: ip !== undefined, clientAuth: true };
    const names = ip === undefined ? [] : [{ name: 'subjectAltName', altNames: [{ type: 7, ip }] }];
    return certificate(commonName, [usage, ...names], this.#own);
  }
}

/** Signed by `issuer`, or by itself. */
function certificate(commonName: string, extensions: object[], issuer?: Identity): Identity {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const key = pki.privateKeyFromPem(privateKey);
  const made = pki.createCertificate();
  const subject = [{ name: 'commonName', value: commonName }];
  made.publicKey = pki.setRsaPublicKey(key.n, key.e);
  made.serialNumber = `01${randomBytes(15).toString('hex')}`;
  made.validity.notBefore = new Date(Date.now() - 86_400_000);
  made.validity.notAfter = new Date(Date.now() + DAYS * 86_400_000);
  made.setSubject(subject);
  made.setIssuer(issuer ? pki.certificateFromPem(issuer.cert).subject.attributes : subject);
  made.setExtensions(extensions);
  made.sign(issuer ? pki.privateKeyFromPem(issuer.key) : key, md.sha256.create());
  return { key: privateKey, cert: pki.certificateToPem(made) };
}

/** Where the certificates of a stack lie. */
export function certificateFiles(name: string): CertificateFiles {
  const at = (file: string) => join(stackFolder(name), 'tls', file);
  return {
    ca: at('ca.pem'),
    serverCert: at('server.pem'),
    serverKey: at('server-key.pem'),
    clientCert: at('client.pem'),
    clientKey: at('client-key.pem'),
    serverBoth: at('server-both.pem'),
  };
}

/** Makes the certificates of a stack once. */
export function ensureCertificates(name: string): void {
  const files = certificateFiles(name);
  if (existsSync(files.serverBoth)) return;
  mkdirSync(join(stackFolder(name), 'tls'), { recursive: true, mode: 0o700 });
  const authority = new Authority(`Tributary stack ${name}`);
  const server = authority.issue('server', '127.0.0.1');
  const client = authority.issue('tributary');
  const texts: [file: string, text: string][] = [
    [files.ca, authority.cert],
    [files.serverCert, server.cert],
    [files.serverKey, server.key],
    [files.clientCert, client.cert],
    [files.clientKey, client.key],
    // Last: it tells that the others are there.
    [files.serverBoth, server.key + server.cert],
  ];
  for (const [file, text] of texts) writeFileSync(file, text, { mode: 0o600 });
}
