/** The part of package-lock.json that the check reads: the path of each installed package and what it asks for. */
export interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

/**
 * Names each optional package (a binary for one platform, as a rule) that a locked package asks for and the lock lacks.
 * `npm install` leaves such a package out without a word when the registry does not have it; `npm ci` then fails.
 */
export function checkLock(lock: Lock): string[] {
  return Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(lock, path, name))
      .map(
        (name) => `package-lock.json: ${path || 'the root'} asks for ${name}, which is not locked; pin another version`,
      ),
  );
}

/** Node's own search: beside the package that asks, then beside each folder above it. */
function isLocked({ packages }: Lock, path: string, name: string): boolean {
  if (Object.hasOwn(packages, path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`)) return true;
  if (path === '') return false;
  const parent = path.lastIndexOf('/node_modules/');
  return isLocked({ packages }, parent === -1 ? '' : path.slice(0, parent), name);
}
