import type { Operation } from '@tributary/console-api';
import { addressOf, type AnyInput } from '../api/address';
import { calls } from '../api/calls';
import { quote } from './quote';

/** A call of the REST API for a shell, for what the command line does not have. */
export function restCommand(operation: Operation, input: AnyInput): string {
  const [method] = calls[operation];
  const body =
    input.body === undefined
      ? ''
      : ` -H 'content-type: application/json' -d ${quote(JSON.stringify(input.body))}`;
  return `curl -X ${method} "$CONSOLE_URL"${quote(addressOf(operation, input))} -H "Authorization: Bearer $TOKEN"${body}`;
}
