import { TestProject } from "../../tests/support/engine/testProject.ts";
import type { Bench } from "../support/bench.ts";
import { mappingNumber } from "../support/mappings.ts";
import { inTurns } from "../support/rounds.ts";
import { succeed, timed } from "../support/timed.ts";

/** The number of mappings in the stack, besides its other resources. */
const mappings = 20;

/** The outputs of one of the other resources: 100 fields of 90 characters, about 10 KB with their names. */
const otherProvider = `
const fields = ({ name }) =>
  Object.fromEntries(Array.from({ length: 100 }, (_, index) => ["field" + index, (name + "-" + index).padEnd(90, "x")]));
exports.create = async (inputs) => ({ id: inputs.name, outs: { ...inputs, ...fields(inputs) } });
`;

/** What a preview's check of removals costs in a stack with many large resources of other kinds, next to the same without it. */
export async function removals(bench: Bench): Promise<void> {
  for (const count of bench.isQuick ? [100] : [100, 5_000]) {
    const project = await largeStack(bench, count);
    const contestants = [
      { env: {}, seconds: [] as number[] },
      { env: { WITHOUT_LOOK: "1" }, seconds: [] as number[] },
    ] as const;
    await inTurns(count > 1_000 ? 3 : 6, contestants, async ({ env, seconds }, round) => {
      bench.progress(`preview of ${count} other resources, round ${round + 1}`);
      seconds.push(await timed(() => project.with(env).pulumi("preview", "--expect-no-changes")));
    });
    const [ours, base] = contestants;
    await bench.emit({ id: `removals/${count}`, unit: "s", ours: ours.seconds, base: base.seconds });
  }
}

/** A stack whose other resources come into the state as copies of one, since to create them all would take long. */
async function largeStack(bench: Bench, count: number): Promise<TestProject> {
  const project = await TestProject.create({
    config: { "aws-auth:manifest": "aws-auth.yaml" },
    env: { NODE_COMPILE_CACHE: undefined },
  });
  bench.onEnd(() => project.remove());
  await project.write("other.js", otherProvider);
  await project.program(programWith(count));
  await succeed(project.with({ OTHERS: "1" }).up());
  const state: { deployment: { resources: { type: string }[] } } = JSON.parse(await project.state());
  const { resources } = state.deployment;
  const other = JSON.stringify(resources.find(({ type }) => type.endsWith("test:Other")));
  for (let index = 1; index < count; index++) {
    resources.push(JSON.parse(other.replaceAll(/\bo0\b/g, `o${index}`)));
  }
  await project.write("state.json", JSON.stringify(state));
  await succeed(project.pulumi("stack", "import", "--file", "state.json"));
  return project;
}

/** WITHOUT_LOOK in the environment simulates a program that has started its check of removals already. */
function programWith(count: number): string {
  return `
if (process.env.WITHOUT_LOOK) {
  globalThis[Symbol.for("pulumi-aws-auth.program")] = { declarations: [], kept: new Set() };
}
const __provider = 'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("./other.js");';
class Other extends pulumi.CustomResource {
  constructor(name) {
    super("pulumi-nodejs:dynamic/test:Other", name, { name, __provider });
  }
}
const mapping = ${mappingNumber.toString()};
for (let index = 0; index < ${mappings}; index++) new IdentityMapping("m" + index, mapping(index));
for (let index = 0; index < (process.env.OTHERS ?? ${count}); index++) new Other("o" + index);
`;
}
