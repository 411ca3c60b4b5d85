import { IsInt } from 'class-validator';
import { registerRowDto, rowDtoCheck } from './row-dto-registry';
import './github.dto';

class Custom {
  @IsInt() n!: number;
}

describe('row DTOs', () => {
  it('are found by the name that the sync file uses', () => {
    registerRowDto('Custom', Custom);
    expect(rowDtoCheck('Custom')({ n: 'x' })).toBe('n must be an integer number');
    expect(rowDtoCheck('Custom')).toBe(rowDtoCheck('Custom'));
  });

  it('R14: an unknown name is one fatal sentence that lists the known ones', () => {
    expect(() => rowDtoCheck('Usr')).toThrow(
      expect.objectContaining({
        kind: 'fatal',
        code: 'CONFIG',
        message: expect.stringMatching(/Usr.*RepositoryRow, UserRow.*registerRowDto/) as string,
      }) as Error,
    );
  });
});
