import { fatal } from '@tributary/kernel';
import { compileDto, type DtoCheck } from './compiled-dto';
import type { Dto } from './dto-shape';

const registered = new Map<string, Dto>();
const compiledChecks = new Map<Dto, DtoCheck>();

/**
 * Makes a class-validator class known to `dto:` of the sync file. It sees a row as it stands on the wire: BIGINT
 * and DECIMAL are strings of digits, binary is base64, renamed columns have their new name.
 */
export function registerRowDto(name: string, dto: Dto): void {
  registered.set(name, dto);
}

/** The check registered under a name. Throws a fatal SyncError `CONFIG` when there is none. */
export function rowDtoCheck(name: string): DtoCheck {
  const dto = registered.get(name);
  if (!dto)
    throw fatal(
      'CONFIG',
      `The sync file names the DTO ${name}, but no class is registered under that name ` +
        `(known: ${[...registered.keys()].sort().join(', ') || 'none'}): register it with registerRowDto or correct "dto:".`,
    );
  let check = compiledChecks.get(dto);
  if (!check) compiledChecks.set(dto, (check = compileDto(dto)));
  return check;
}
