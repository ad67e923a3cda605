/** The oldest Node.js that has everything that this package calls, as `engines` in package.json says. */
export const oldestNode = "22.19";

/**
 * Why this package does not run on a version of Node.js; undefined if it does. npm only warns of `engines`, and an older Node would
 * fail somewhere in the middle.
 */
export function nodeProblem(version: string = process.versions.node): string | undefined {
  const [[major = 0, minor = 0], [least = 0, leastMinor = 0]] = [numbersIn(version), numbersIn(oldestNode)];
  return major < least || (major === least && minor < leastMinor)
    ? `pulumi-aws-auth needs Node.js ${oldestNode} or newer, and this is ${version}; update Node.js`
    : undefined;
}

function numbersIn(version: string): number[] {
  return version.split(".").map(Number);
}
