interface Failure {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly reason?: unknown;
}

const names: readonly (readonly [RegExp, string])[] = [
  [/ALTNAME_INVALID|altnames/i, 'its certificate is for another host name'],
  [/CERT_HAS_EXPIRED|certificate has expired/i, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet'],
  [
    /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|SIGNATURE_FAILURE|self.signed certificate|unable to (verify|get)/i,
    'its certificate is signed by no authority that is trusted here',
  ],
  [/certificate.required|bad.certificate/i, 'it asks for a client certificate that it trusts'],
  [
    /ERR_SSL|ERR_TLS|EPROTO|SSL routines|secure TLS connection was established/i,
    'there was no TLS handshake',
  ],
];

/** What went wrong with TLS, as half a sentence, when that is what a failed connection or its causes tell. */
export function tlsFault(error: unknown): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 10 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, message, cause, reason } = current as Failure;
    const text = `${String(code)} ${String(message)}`;
    const found = names.find(([pattern]) => pattern.test(text));
    if (found) return found[1];
    current = cause ?? reason;
  }
  return undefined;
}
