import { endpoints, problem, type Endpoint } from '@tributary/console-api';
import { productVersion } from '@tributary/operations';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';

/** The description of the API, OpenAPI 3.1, made from the schemas that check its calls. */
export function apiDescription(): ReturnType<typeof createDocument> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints))
    (paths[`/api/v1/${endpoint.path}`] ??= {})[endpoint.method.toLowerCase()] = operation(name, endpoint);
  paths['/api/v1/events'] = { get: events };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Tributary',
      version: productVersion,
      description: 'What an operator can see and do: docs/reference/api.md tells more.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values<Endpoint>(endpoints).map(tagOf)), 'events'].map((tag) => ({ name: tag })),
    paths: paths as ZodOpenApiPathsObject,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'For programs: tributary console token' },
        session: { type: 'apiKey', in: 'cookie', name: 'tributary_session', description: 'For browsers' },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'x-csrf-token',
          description: 'With a session, of changing calls',
        },
      },
    },
  });
}

const named = problem.meta({
  id: 'Problem',
  description: 'Why a call could not be done, and what to do next',
});
const problemContent = { 'application/problem+json': { schema: named } };

/** `rows` of `rows/{table}/trace`. */
const tagOf = ({ path }: Endpoint): string => path.split('/')[0]!;

function operation(name: string, endpoint: Endpoint): ZodOpenApiOperationObject {
  const { method, role, summary, params, query, body, answer, status = 200 } = endpoint;
  const session: Record<string, string[]> = method === 'GET' ? { session: [] } : { session: [], csrf: [] };
  return {
    operationId: name,
    tags: [tagOf(endpoint)],
    summary,
    description:
      role === 'anyone' ? 'For anyone.' : `For ${role === 'viewer' ? 'viewers and operators' : 'operators'}.`,
    security: role === 'anyone' ? [] : [{ bearer: [] }, session],
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      [status]: { description: 'Done', content: { 'application/json': { schema: answer } } },
      default: { description: 'Not done', content: problemContent },
    },
  };
}

const events: ZodOpenApiOperationObject = {
  operationId: 'events',
  tags: ['events'],
  summary: 'What happens, as server-sent events: overview, snapshot, verification, dead-letter and audit',
  description: 'For viewers and operators. The data of each event is JSON; a comment comes every 15 s.',
  security: [{ bearer: [] }, { session: [] }],
  requestParams: {
    header: z.object({
      'last-event-id': z
        .string()
        .optional()
        .meta({ description: 'Goes on behind this event, as far as it is known yet' }),
    }),
  },
  responses: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
    default: { description: 'No stream', content: problemContent },
  },
};
