/**
 * What the engine stores in every resource as its provider, and the plugin process evaluates. It is constant, so that it never makes
 * a difference between two runs, and short, since the engine rewrites the whole state after every step. The code is looked up from
 * the program's directory, where the program itself found this package: that holds for installed and linked packages, for bundles,
 * and for programs inside this repository.
 */
export const providerText =
  'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("pulumi-aws-auth/provider");';
