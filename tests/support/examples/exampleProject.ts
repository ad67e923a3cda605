import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { repository, TestProject } from "../engine/testProject.ts";
import { projectWithStandIns, type StandInOptions } from "../standIns/projectWithStandIns.ts";

/** What an example is run with. */
export interface ExampleOptions {
  /** The stack of the example whose configuration is taken. Default: none. */
  readonly stack?: string;
  /** Stack configuration in place of a stack's of the example: full keys. */
  readonly config?: Readonly<Record<string, string | readonly string[]>>;
  /** Makes the project with @pulumi/kubernetes and @pulumi/aws, and stand-ins for their plugins. */
  readonly standIns?: StandInOptions;
  /** Environment variables besides. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Copies an example, as it stands, into a project of its own. */
export async function exampleProject(
  name: string,
  { stack, config = {}, standIns, env }: ExampleOptions = {},
): Promise<TestProject> {
  const made = standIns === undefined ? await TestProject.create() : await projectWithStandIns(standIns);
  await cp(join(repository, "examples", name), made.folder, {
    recursive: true,
    filter: (source) => !/Pulumi\.\w+\.yaml$|README\.md$/.test(source),
  });
  const file = join(repository, "examples", name, `Pulumi.${stack}.yaml`);
  await made.write("Pulumi.test.yaml", stack === undefined ? stringify({ config }) : await readFile(file, "utf8"));
  // The documents' tests check the types.
  return made.with({ PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...env });
}
