import type { Command, CommandOption } from './command.js';

type Options = { readonly [name: string]: CommandOption };

/** The list of commands. */
export function generalHelp(commands: readonly Command[], generalOptions: Options): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Looks into an order system and checks it, also while it runs.',
    '',
    'Usage: npm run --silent cli -- COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Commands (COMMAND --help says more):',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options of every command:',
    ...optionLines(generalOptions),
    '',
    'Exit codes: 0 done, or everything agrees; 1 something differs, or is not there; 2 it could not be done.',
  ].join('\n');
}

/** How one command is used. */
export function commandHelp(command: Command, generalOptions: Options): string {
  const own = optionLines(command.options);
  return [
    command.summary,
    '',
    ...command.usage.map((usage, index) => `${index === 0 ? 'Usage:' : '   or:'} npm run --silent cli -- ${usage}`),
    '',
    command.details,
    '',
    ...(own.length > 0 ? ['Options:', ...own, ''] : []),
    'Options of every command:',
    ...optionLines(generalOptions),
    '',
    `Example: npm run --silent cli -- ${command.example}`,
  ].join('\n');
}

function optionLines(options: Options): string[] {
  const names = Object.entries(options).map(([name, { value }]) => `--${name}${value ? ` ${value}` : ''}`);
  const width = Math.max(0, ...names.map((name) => name.length));
  return Object.values(options).map(({ help }, index) => `  ${names[index]!.padEnd(width)}  ${help}`);
}
