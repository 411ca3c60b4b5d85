import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endpoints, type Endpoint } from '@tributary/console-api';
import { TestConsole, TestFiles } from './support/test-console';

jest.setTimeout(120_000);

const tools = join(__dirname, 'support/openapi-tools.mjs');

const run = async (...args: string[]) =>
  (await promisify(execFile)(process.execPath, [tools, ...args], { maxBuffer: 64 << 20 })).stdout;

describe('the description of the API', () => {
  const files = new TestFiles();
  let server: TestConsole;
  let document: { paths: Record<string, Record<string, { operationId: string }>>; openapi: string };
  let path: string;
  beforeAll(async () => {
    server = await TestConsole.start(files);
    const text = await (await server.client.send('GET', '/api/openapi.json')).text();
    document = JSON.parse(text);
    path = files.write('openapi.json', text);
  });
  afterAll(async () => {
    await server.stop();
    await files.remove();
  });

  it('is OpenAPI 3.1, by the judgement of a validator', async () => {
    const said = await run('validate', path);
    expect(JSON.parse(said)).toEqual({ valid: true, version: '3.1' });
  });

  it('has every call, and the events', () => {
    const calls = Object.entries<Endpoint>(endpoints).map(
      ([name, { method, path }]) =>
        document.paths[`/api/v1/${path}`]?.[method.toLowerCase()]?.operationId === name,
    );
    expect(calls).toEqual(calls.map(() => true));
    expect(document.paths['/api/v1/events']?.['get']?.operationId).toBe('events');
  });

  it('types are generated from it', async () => {
    const types = await run('types', path);
    for (const operation of Object.keys(endpoints)) expect(types).toContain(`operations["${operation}"]`);
  });

  it('the viewer and all that it loads come from this server', async () => {
    const page = await (await server.client.send('GET', '/api/docs')).text();
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
    expect(loaded).toHaveLength(3);
    for (const file of loaded) {
      expect(file).toMatch(/^\/api\/docs\//);
      const response = await server.client.send('GET', file);
      expect([file, response.status]).toEqual([file, 200]);
    }
    expect(page).not.toMatch(/<script>|style=|onload/);
  });
});
