/**
 * The resource plugin of the package `aws-auth`: a process that the engine starts for each provider of a run, for programs in any
 * language. It serves the same lifecycle as the dynamic provider of the Node SDK.
 *
 * @module
 */
import { nodeProblem } from "../pulumi/versions";

const problem = nodeProblem();
if (problem === undefined) {
  const { start }: typeof import("./server") = require("./server");
  start();
} else {
  console.error(problem);
  process.exitCode = 1;
}
