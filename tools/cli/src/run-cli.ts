import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Clock } from '@chronicle/seams';
import {
  EXIT,
  CouldNotError,
  NotThereError,
  UsageError,
  type Command,
  type CommandOption,
  type ExitCode,
} from './command.js';
import { commandHelp, generalHelp } from './help.js';
import { nearest } from './nearest.js';
import { Output, type Streams } from './output.js';
import type { EngineFlags, Environment } from '@chronicle/tool-system';
import { locateSystem } from './system-location.js';

/** The options of every command. */
export const GENERAL_OPTIONS: { readonly [name: string]: CommandOption } = {
  'data-dir': {
    value: 'DIR',
    help: 'where the system keeps its data (default: DATA_DIR, else data in the repository, as in npm start)',
  },
  engine: { value: 'NAME', help: 'embedded, cassandra or scylla (default: that of the running system)' },
  'contact-points': { value: 'HOST:PORT,...', help: 'nodes of the cluster (default: those of the running system)' },
  'local-data-center': { value: 'NAME', help: 'the datacentre that writes (default: that of the first contact point)' },
  keyspace: { value: 'NAME', help: 'keyspace of the cluster (default: that of the running system, or chronicle)' },
  json: { help: 'print JSON' },
  help: { help: 'print how the command is used' },
};

export interface CliCall {
  readonly args: readonly string[];
  readonly commands: readonly Command[];
  readonly streams: Streams;
  readonly clock: Clock;
  /** Says what no option says: ENGINE, CONTACT_POINTS and the like; CQL_USERNAME and CQL_PASSWORD have no option. */
  readonly environment: Environment;
  readonly callersFolder: string;
  readonly signal: AbortSignal;
}

/** Runs one command to its end. Whatever goes wrong is told on standard error and by the exit code, never thrown. */
export async function runCli(call: CliCall): Promise<ExitCode> {
  const output = new Output(call.streams, call.args.includes('--json'));
  try {
    return await dispatch(call, output);
  } catch (error) {
    output.note(messageOf(error));
    return error instanceof NotThereError ? EXIT.differs : EXIT.couldNot;
  }
}

async function dispatch(call: CliCall, output: Output): Promise<ExitCode> {
  const { commands, clock, signal, environment, callersFolder } = call;
  const loose = parse(call.args, Object.assign({}, ...commands.map(({ options }) => options), GENERAL_OPTIONS));
  const command = findCommand(loose.positionals, commands);
  if (!command) {
    if (loose.positionals.length > 0) throw unknownCommand(loose.positionals, commands);
    if (!loose.values.help) throw new UsageError(`no command given\n\n${generalHelp(commands, GENERAL_OPTIONS)}`);
    await output.text(generalHelp(commands, GENERAL_OPTIONS));
    return EXIT.done;
  }
  if (loose.values.help) {
    await output.text(commandHelp(command, GENERAL_OPTIONS));
    return EXIT.done;
  }
  const { values: options, positionals } = parseStrictly(call.args, command);
  const { engine: location, replication } = await locateSystem({
    dataDir: options['data-dir'] as string | undefined,
    flags: options as EngineFlags,
    environment,
    callersFolder,
  });
  return command.run({ arguments: positionals, options, location, replication, output, clock, signal });
}

/** The command whose words the call begins with: the longer name wins. */
function findCommand(positionals: readonly string[], commands: readonly Command[]): Command | undefined {
  const named = (words: number) => commands.find(({ name }) => name === positionals.slice(0, words).join(' '));
  return named(2) ?? named(1);
}

function unknownCommand(positionals: readonly string[], commands: readonly Command[]): UsageError {
  const names = commands.map(({ name }) => name);
  const words = names.some((name) => name.startsWith(`${positionals[0]} `)) ? 2 : 1;
  const given = positionals.slice(0, words).join(' ');
  return new UsageError(
    `unknown command \`${given}\`: did you mean \`${nearest(given, names)}\`? (${names.join(', ')})`,
  );
}

function parseStrictly(args: readonly string[], command: Command) {
  const options = { ...command.options, ...GENERAL_OPTIONS };
  const { values, positionals, tokens } = parse(args, options);
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name]! : undefined;
    if (!option) throw unknownOption(token.rawName, command, Object.keys(options));
    const wantsValue = option.value !== undefined;
    if (wantsValue && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))) {
      throw new UsageError(`--${token.name} needs a value: --${token.name} ${option.value}`);
    }
    if (!wantsValue && token.value !== undefined) throw new UsageError(`--${token.name} takes no value`);
  }
  const given = positionals.slice(command.name.split(' ').length);
  const [min, max] = command.arguments;
  if (given.length < min || given.length > max) {
    const found = given.length === 0 ? 'none' : given.map((text) => JSON.stringify(text)).join(' ');
    throw new UsageError(`${command.name}: wrong arguments (${found}). Usage: ${command.usage.join(' | ')}`);
  }
  return { values, positionals: given };
}

function unknownOption(given: string, command: Command, known: readonly string[]): UsageError {
  const names = known.map((name) => `--${name}`);
  return new UsageError(
    `${command.name}: unknown option ${given}: did you mean ${nearest(given, names)}? Options: ${names.join(', ')}`,
  );
}

function parse(args: readonly string[], options: { readonly [name: string]: CommandOption }) {
  const types = Object.entries(options).map(([name, { value }]) => {
    return [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(name === 'help' && { short: 'h' }) },
    ] as const;
  });
  const config = {
    args: [...args],
    options: Object.fromEntries(types),
    allowPositionals: true,
    strict: false, // what is wrong is named here, with what was meant
    tokens: true,
  } satisfies ParseArgsConfig;
  const { values, positionals, tokens } = parseArgs(config);
  return { values: values as { readonly [name: string]: string | boolean | undefined }, positionals, tokens };
}

/** What a person needs to know. Errors of this project say it themselves; of any other, the stack is what helps. */
function messageOf(error: unknown): string {
  const known = error as { readonly code?: unknown; readonly message?: unknown; readonly stack?: unknown };
  const isExplained = [UsageError, NotThereError, CouldNotError].some((kind) => error instanceof kind);
  if (isExplained || typeof known?.code === 'string') return String(known.message);
  return String(known?.stack ?? error);
}
