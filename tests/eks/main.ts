// `npm run test:eks -- --cluster NAME [--region REGION] [--role PREFIX]`: tests this package against a real EKS cluster.
import { parseArgs } from "node:util";
import { life } from "./life.ts";

const { values } = parseArgs({
  options: {
    cluster: { type: "string" },
    region: { type: "string" },
    role: { type: "string", default: "pulumi-aws-auth-test" },
  },
});
const { cluster, region, role } = values;
if (cluster === undefined) {
  console.error("give the name of an EKS cluster: npm run test:eks -- --cluster NAME");
  process.exitCode = 2;
} else {
  try {
    await life({ cluster, region, role, env: process.env, log: console.log });
  } catch (error) {
    console.error(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
