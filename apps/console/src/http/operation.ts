import {
  applyDecorators,
  createParamDecorator,
  Header,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { endpoints, type Endpoint, type Operation as OperationName } from '@tributary/console-api';
import { AuditInterceptor } from '../audit/audit.interceptor';
import type { Request } from './express';
import { OperationGuard } from './operation.guard';
import { OPERATION } from './operation-name';

const methods = { GET: RequestMethod.GET, POST: RequestMethod.POST, DELETE: RequestMethod.DELETE } as const;

/**
 * Makes a method of a controller the call of the API that has this name: its route, who may call it, the check of what it is
 * given, and of a changing call its entry in the audit topic.
 */
export function Operation(name: OperationName): MethodDecorator {
  const { method, path, status = 200 }: Endpoint = endpoints[name];
  return applyDecorators(
    RequestMapping({ method: methods[method], path: `api/v1/${path.replaceAll(/\{(\w+)\}/g, ':$1')}` }),
    HttpCode(status),
    Header('cache-control', 'no-store'),
    SetMetadata(OPERATION, name),
    UseGuards(OperationGuard),
    UseInterceptors(AuditInterceptor),
  );
}

/** The `Call` of a method that is an operation. */
export const TheCall = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<Request>().call,
);
