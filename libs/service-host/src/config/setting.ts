/** One setting of a process: the environment variable it is read from, what is allowed there, and what it means. */
export interface Setting<T> {
  /** The environment variable. */
  readonly name: string;
  /** What the setting does, with its unit; goes into the settings table. */
  readonly about: string;
  /** What is accepted, as it stands after "expected" in a message. */
  readonly expects: string;
  /** Taken when the variable is absent or empty; absent when the variable is required. */
  readonly fallback?: { readonly value: T };
  /** True: the value is never shown, neither in a message nor in a log. */
  readonly secret: boolean;
  /** The value of a non-empty text, or `refused`. */
  parse(text: string): T | typeof refused;
}

/** What `parse` of a {@link Setting} answers for a text that it does not accept. */
export const refused: unique symbol = Symbol('refused');

interface About<D> {
  /** What the setting does, with its unit. */
  readonly about: string;
  /** Taken when the variable is absent or empty. Without a default the variable is required; `null` makes it optional. */
  readonly default?: D;
  /** True: the value is never shown. */
  readonly secret?: boolean;
}

type Form = { readonly pattern: RegExp; readonly expects: string };
type Range = { readonly min: number; readonly max: number };

/** A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. */
const ADDRESS = /^(\[[\da-f:.]+\]|[^\s:,[\]]+)(:\d{1,5})?$/i;

/**
 * The kinds of settings. Each takes the name of its environment variable and gives a {@link Setting} for the `settings` of
 * a service. An absent and an empty variable are the same.
 */
export const setting = {
  /** A whole number from `min` to `max`, in plain digits. */
  integer<D extends number | null = never>(name: string, options: About<D> & Range): Setting<number | D> {
    const { min, max } = options;
    return define<number, D>(name, options, `a whole number from ${min} to ${max}`, (text) => {
      const value = /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : refused;
    });
  },

  /** A TCP port; 0 lets the system choose a free one. */
  port<D extends number | null = never>(name: string, options: About<D>): Setting<number | D> {
    return setting.integer<D>(name, { ...options, min: 0, max: 65_535 });
  },

  /** Any text, or one of the form that `pattern` describes and `expects` puts into words. */
  text<D extends string | null = never>(name: string, options: About<D> & Partial<Form>): Setting<string | D> {
    const { pattern = /^/, expects = 'a text' } = options;
    return define<string, D>(name, options, expects, (text) => (pattern.test(text) ? text : refused));
  },

  /** Addresses of servers. */
  addresses<D extends readonly string[] | null = never>(
    name: string,
    options: About<D>,
  ): Setting<readonly string[] | D> {
    return define<readonly string[], D>(name, options, 'host:port[,host:port…]', (text) => {
      const addresses = text.split(',').map((address) => address.trim());
      return addresses.every((address) => ADDRESS.test(address)) ? addresses : refused;
    });
  },

  /** One of the texts listed. */
  oneOf<const V extends string, D extends V | null = never>(
    name: string,
    values: readonly V[],
    options: About<D>,
  ): Setting<V | D> {
    return define<V, D>(
      name,
      options,
      `one of ${values.join(', ')}`,
      (text) => values.find((value) => value === text) ?? refused,
    );
  },

  /** `true` or `false`. */
  flag<D extends boolean = never>(name: string, options: About<D>): Setting<boolean | D> {
    return define<boolean, D>(name, options, 'true or false', (text) =>
      text === 'true' ? true : text === 'false' ? false : refused,
    );
  },

  /** An absolute URL of one of the schemes listed, such as `['https:']`. */
  url<D extends string | null = never>(
    name: string,
    schemes: readonly string[],
    options: About<D>,
  ): Setting<string | D> {
    const expects = `a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`;
    return define<string, D>(name, options, expects, (text) =>
      URL.canParse(text) && schemes.includes(new URL(text).protocol) ? text : refused,
    );
  },
};

function define<T, D>(
  name: string,
  options: About<D>,
  expects: string,
  parse: (text: string) => T | typeof refused,
): Setting<T | D> {
  const fallback = options.default === undefined ? {} : { fallback: { value: options.default } };
  return { name, about: options.about, expects, secret: options.secret ?? false, parse, ...fallback };
}
