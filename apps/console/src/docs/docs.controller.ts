import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import viewerFolder from 'swagger-ui-dist/absolute-path.js';
import { ApiProblem } from '../http/api-problem';
import type { Response } from '../http/express';
import { apiDescription } from './api-description';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tributary: the REST API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</html>
`;
const start = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;
const viewer = ['swagger-ui.css', 'swagger-ui-bundle.js'];

/** The API's description, and a viewer of it; for anyone, and without anything from another server. */
@Controller('api')
export class DocsController {
  readonly #description = JSON.stringify(apiDescription());

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  description(): string {
    return this.#description;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return page;
  }

  @Get('docs/:file')
  file(@Param('file') file: string, @Res() response: Response): void {
    if (file === 'start.js') return void response.type('text/javascript').send(start);
    if (!viewer.includes(file)) throw new ApiProblem(404, 'NO_SUCH_CALL', 'The viewer has no such file.');
    response.sendFile(file, { root: viewerFolder(), maxAge: '1d' }, () => undefined);
  }
}
