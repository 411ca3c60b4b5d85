import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import type { Operation } from '@tributary/console-api';
import { calls } from '../src/api/calls';
import { answers } from './examples';

const root = join(import.meta.dirname, '../../../dist/apps/console-web');
const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const routes = Object.entries(calls).map(([operation, [method, path]]) => ({
  operation: operation as Operation, method,
  pattern: new RegExp(`^/api/v1/${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
})).sort((a, b) => Number(/\(/.test(a.pattern.source)) - Number(/\(/.test(b.pattern.source)));

createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://x');
  if (url.pathname === '/api/v1/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    return;
  }
  for (const { operation, method, pattern } of routes) {
    const found = pattern.exec(url.pathname);
    if (!found || method !== request.method) continue;
    const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([k, v]) => [k, decodeURIComponent(v)]));
    const answer = answers[operation] as ((p: object) => unknown) | undefined;
    if (!answer) {
      response.writeHead(409, { 'content-type': 'application/problem+json' });
      return void response.end(JSON.stringify({ type: 'urn:x', title: 'No', status: 409, detail: 'Only an example. Use the real console.' }));
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    return void response.end(JSON.stringify(answer(params)));
  }
  const file = /^\/(assets\/|favicon)/.test(url.pathname) ? url.pathname : '/index.html';
  const body = await readFile(join(root, file)).catch(() => null);
  response.writeHead(body ? 200 : 404, { 'content-type': types[extname(file)] ?? 'text/plain', 'content-security-policy': csp });
  response.end(body);
}).listen(3123, '127.0.0.1');
