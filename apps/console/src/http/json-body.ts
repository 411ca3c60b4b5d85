import { ApiProblem } from './api-problem';
import type { Request } from './express';

/** The JSON of a body of at most so many bytes. No form of another site can send one: that needs this content type. */
export async function readJson(request: Request, most: number): Promise<unknown> {
  if (!/^application\/json(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new ApiProblem(415, 'CONTENT_TYPE', 'The body must be JSON: send content-type: application/json.');
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > most) throw tooLarge(most);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new ApiProblem(400, 'JSON', 'The body is no JSON.');
  }
}

/** The connection is closed: what may follow of the body is not read. */
const tooLarge = (most: number) =>
  new ApiProblem(413, 'TOO_LARGE', `The body has more than ${most} bytes.`, undefined, {
    connection: 'close',
  });
