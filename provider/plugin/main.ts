/**
 * The resource plugin of the package `aws-auth`: a process that the engine starts for each provider of a run, for programs in any
 * language. It serves the same lifecycle as the dynamic provider of the Node SDK.
 *
 * @module
 */
import { nodeVersionProblem } from "../pulumi/versions";

const unsupported = nodeVersionProblem();
if (unsupported === undefined) {
  const { start }: typeof import("./server") = require("./server");
  start();
} else {
  console.error(unsupported);
  process.exitCode = 1;
}
