import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from './express';

const YEAR = 'public, max-age=31536000, immutable';
/** Paths of the server's own. */
const own = /^\/(api|health|metrics|info)(\/|$)/;

/** Where the built pages stand beside the built server: in the image, and below dist/apps. */
export function webFolderBeside(program: string): string | undefined {
  const folders = ['web', '../console-web'].map((name) => join(dirname(program), name));
  return folders.find((folder) => existsSync(join(folder, 'index.html')));
}

/** Every path of the pages is answered by the one page, which shows what its path says. */
export function servePages(app: NestExpressApplication, folder: string | undefined): void {
  if (folder !== undefined)
    app.useStaticAssets(folder, {
      index: false,
      redirect: false,
      // The build puts a hash of the content into the names of these.
      setHeaders: (response: Response, path: string) =>
        response.setHeader('cache-control', path.includes('/assets/') ? YEAR : 'no-cache'),
    });
  app.use((request: Request, response: Response, next: () => void) => {
    const { method, path } = request;
    if (own.test(path) || (method !== 'GET' && method !== 'HEAD')) return next();
    if (folder === undefined)
      return void response
        .status(404)
        .type('text/plain')
        .send(
          'The pages of the console are not built (npx nx run console-web:build); the API is described at /api/docs.\n',
        );
    if (path.startsWith('/assets/'))
      return void response.status(404).type('text/plain').send('There is no such file.\n');
    response.setHeader('cache-control', 'no-cache');
    response.sendFile('index.html', { root: folder }, () => undefined);
  });
}
