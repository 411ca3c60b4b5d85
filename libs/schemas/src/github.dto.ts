import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumberString,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Min,
} from 'class-validator';
import { registerRowDto } from './row-dto-registry';

/** Rules of github_data.users beyond what the columns' types say. */
export class UserRow {
  @IsNumberString({ no_symbols: true })
  user_id!: string;

  /** Bots and enterprise users carry brackets and underscores, e.g. `dependabot[bot]`. */
  @IsOptional()
  @IsNotEmpty()
  @MaxLength(255)
  login!: string | null;

  @IsOptional()
  @IsString()
  type!: string | null;

  @IsOptional()
  @IsIn([0, 1])
  site_admin!: number;

  @IsOptional()
  @IsString()
  avatar_url!: string | null;
}

/** Rules of github_data.repositories beyond what the columns' types say. */
export class RepositoryRow {
  @IsNumberString({ no_symbols: true })
  repo_id!: string;

  @IsOptional()
  @IsNotEmpty()
  @IsString()
  name!: string | null;

  @IsOptional()
  @Matches(/\//, { message: 'full_name must be owner/name' })
  full_name!: string | null;

  @IsOptional()
  @IsIn([0, 1])
  private!: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  stargazers_count!: number | null;
}

registerRowDto('UserRow', UserRow);
registerRowDto('RepositoryRow', RepositoryRow);
