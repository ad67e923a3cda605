import { createRequire } from "node:module";
import { join } from "node:path";
import { repository, TestProject } from "../../tests/support/engine/testProject.ts";
import type { Bench } from "./bench.ts";
import { mappingNumber } from "./mappings.ts";

/** The programs that are compared. They import the same packages and make the same number of resources from the same inputs. */
export type Variant = "ours" | "floor" | "ordinary" | "waiting";

/** A project that runs one of the programs, with its own stack. */
export interface VariantProject {
  readonly variant: Variant;
  readonly project: TestProject;
}

/**
 * Makes a project for a variant, on local state.
 *
 * - `ours`: identity mappings
 * - `floor`: the engine alone: the same plugin, a constant provider text of the same length, a provider that does nothing
 * - `ordinary`: how dynamic providers are written: a class that extends pulumi.dynamic.Resource, with a provider that does nothing
 * - `waiting`: as `floor`, but each create waits 100 ms, as it would for an API server that is so far away
 */
export async function variantProject(
  bench: Bench,
  variant: Variant,
  count: number,
  config: Readonly<Record<string, string>> = {},
): Promise<VariantProject> {
  // The tests keep compiled code between runs by an environment variable; a user's runs do not.
  const project = await TestProject.create({ config, env: { NODE_COMPILE_CACHE: undefined } });
  bench.onEnd(() => project.remove());
  await project.write("empty.js", emptyProvider(variant === "waiting" ? 100 : 0));
  await project.program(`${classes[variant]}\n${resources(count)}`);
  return { variant, project };
}

/** The provider text of the empty provider, as long as ours. */
export function emptyText(): string {
  const { providerText } = createRequire(import.meta.url)(join(repository, "dist", "sdk", "dynamicProvider.js"));
  return 'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("./empty.js");'.padEnd(
    providerText.length,
  );
}

function emptyProvider(wait: number): string {
  const pause = wait === 0 ? "" : `await new Promise((resolve) => setTimeout(resolve, ${wait}));`;
  return `exports.create = async (inputs) => { ${pause} return { id: inputs.arn, outs: inputs }; };`;
}

const engineAlone = `
class Mapping extends pulumi.CustomResource {
  constructor(name, args) {
    super("pulumi-nodejs:dynamic/aws-auth:IdentityMapping", name, { ...args, ...stored, __provider: ${JSON.stringify(emptyText())} });
  }
}`;

// What is stored of a cluster; ours gets it from the stack's configuration.
const stored = `const stored = { cluster: { server: "0123456789ab" } };`;

const classes: Readonly<Record<Variant, string>> = {
  ours: "const Mapping = IdentityMapping;",
  floor: stored + engineAlone,
  waiting: stored + engineAlone,
  ordinary: `${stored}
class Provider {
  async check(olds, news) {
    return { inputs: news };
  }
  async diff(id, olds, news) {
    return { changes: JSON.stringify(olds) !== JSON.stringify(news) };
  }
  async create(inputs) {
    return { id: inputs.arn, outs: inputs };
  }
  async update(id, olds, news) {
    return { outs: news };
  }
  async delete(id, props) {}
}
class Mapping extends pulumi.dynamic.Resource {
  constructor(name, args) {
    super(new Provider(), name, { ...args, ...stored });
  }
}`,
};

/** With CHANGED in the environment every hundredth resource says something else, as it does after a drift. */
function resources(count: number): string {
  return `
const mapping = ${mappingNumber.toString()};
for (let index = 0; index < ${count}; index++) {
  const args = mapping(index);
  if (process.env.CHANGED && index % 100 === 0) args.username = "changed";
  new Mapping("m" + index, args);
}
`;
}
