import { Argument, type Command } from 'commander';
import { completionScript, shells, type Shell } from '../output/completion-script';
import { Output } from '../output/output';

const help = `
Examples:
  source <(tributary completion bash)
  source <(tributary completion zsh)    # in .zshrc, behind compinit
  tributary completion fish > ~/.config/fish/completions/tributary.fish
`;

/** `all`: the whole command line, which is made only when a script of it is asked for. */
export const completionCommand =
  (all: () => Promise<Command>) =>
  (program: Command): void => {
    program
      .command('completion')
      .description('print a script that lets a shell complete commands and options')
      .addArgument(new Argument('<shell>', 'the shell').choices(shells))
      .addHelpText('after', help)
      .action(async (shell: Shell) => new Output().line(completionScript(shell, await all())));
  };
