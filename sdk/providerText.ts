/**
 * The provider code that the engine stores in every resource and the plugin process evaluates. It is constant, so that it never
 * causes a diff, and short, since the engine rewrites the whole state after every step. It resolves this package from the program's
 * directory, as the program itself does, which works for installed and linked packages, for bundles, and for programs inside this
 * repository.
 */
export const providerText =
  'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("pulumi-aws-auth/provider");';
