// Judges the OpenAPI document of a file, or generates types from it, with tools that Jest does not load.
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import openapiTS, { astToString } from 'openapi-typescript';

const [what, path] = process.argv.slice(2);
if (what === 'validate') {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(path);
  console.log(JSON.stringify({ valid, errors, version: validator.version }));
} else console.log(astToString(await openapiTS(readFileSync(path, 'utf8'))));
