import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What can stand behind these words of a command line. */
interface Place {
  /** Names of commands, from the program on. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly {
    readonly long: string;
    readonly description: string;
    readonly choices: readonly string[];
  }[];
}

/** A script for the shell; it asks nothing of the program while somebody types. */
export const completionScript = (shell: Shell, program: Command): string =>
  scripts[shell](places(program, []));

function places(command: Command, before: readonly string[]): Place[] {
  const path = [...before, command.name()];
  return [{ path, ...visible(command) }, ...command.commands.flatMap((child) => places(child, path))];
}

function visible(command: Command): Pick<Place, 'commands' | 'options'> {
  const help = command.createHelp();
  return {
    commands: help
      .visibleCommands(command)
      .map((child) => ({ name: child.name(), description: help.subcommandDescription(child) })),
    options: help
      .visibleOptions(command)
      .flatMap(({ long, description, argChoices = [] }) =>
        long ? [{ long, description, choices: argChoices }] : [],
      ),
  };
}

/** Words that begin no option name the command; everything else is the user's own. */
const bash = (all: readonly Place[]): string => {
  const cases = all.map(({ path, commands, options }) => {
    const words = [...commands.map(({ name }) => name), ...options.map(({ long }) => long)];
    return `    "${path.join(' ')}") words="${words.join(' ')}" ;;`;
  });
  const choices = all.flatMap(({ path, options }) =>
    options
      .filter(({ choices: some }) => some.length > 0)
      .map(({ long, choices: some }) => `    "${path.join(' ')} ${long}") words="${some.join(' ')}" ;;`),
  );
  return `_tributary() {
  local words="" place="tributary" word known
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    known=" ${all.map(({ path }) => path.join('/')).join(' ')} "
    case "$known" in *" \${place// //}/$word "*) place="$place $word" ;; esac
  done
  case "$place" in
${cases.join('\n')}
  esac
  case "$place $previous" in
${choices.join('\n')}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -o default -F _tributary tributary`;
};

const zsh = (all: readonly Place[]): string => `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;

const fish = (all: readonly Place[]): string =>
  all
    .flatMap(({ path, commands, options }) => {
      const [, ...names] = path;
      const inside = names.map((name) => `__fish_seen_subcommand_from ${name}`);
      // `status` alone is not the one of `snapshot status`.
      const groups = all
        .filter((other) => other.path.length === 3 && names.length === 1 && other.path[2] === names[0])
        .map((other) => other.path[1]!);
      if (groups.length > 0) inside.push(`not __fish_seen_subcommand_from ${groups.join(' ')}`);
      const others = commands.map(({ name }) => name).join(' ');
      const here = [...inside, ...(others === '' ? [] : [`not __fish_seen_subcommand_from ${others}`])];
      const when = here.length === 0 ? '' : ` -n '${here.join('; and ')}'`;
      return [
        ...commands.map(
          ({ name, description }) => `complete -c tributary -f${when} -a ${name} -d '${quoted(description)}'`,
        ),
        ...options.map(
          ({ long, description, choices }) =>
            `complete -c tributary${when} -l ${long.slice(2)} -d '${quoted(description)}'${choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : ''}`,
        ),
      ];
    })
    .join('\n');

const quoted = (text: string) => text.replaceAll("'", String.raw`\'`);

const scripts: Record<Shell, (all: readonly Place[]) => string> = { bash, zsh, fish };
