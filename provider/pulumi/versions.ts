/**
 * Why this package does not support a version of Node.js; undefined if it does. npm only warns about `engines`, and a
 * Node.js whose agents do not know `proxyEnv` would silently ignore the proxy.
 */
export function nodeVersionProblem(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = (major === 22 && minor >= 21) || (major === 24 && minor >= 5) || major > 24;
  return isSupported
    ? undefined
    : `pulumi-aws-auth requires Node.js 22 (22.21 or later), or 24.5 or later, but this is ${version}; update Node.js`;
}

export interface PackageJson {
  readonly version: string;
}

/** The package.json of this package, or of the packed plugin. */
export function packageJson(): PackageJson {
  return require("pulumi-aws-auth/package.json");
}
