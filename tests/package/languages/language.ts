import { expect } from "vitest";
import type { ProjectOptions, TestProject } from "../../support/engine/testProject.ts";

/** What the tests need from one language. */
export interface Language {
  readonly name: string;
  options(): Promise<Pick<ProjectOptions, "programs"> & { readonly env?: Readonly<Record<string, string>> }>;
  /**
   * Creates a project with the SDK. Its program maps `first`, `late`, whose username uses the ID of `first`, and `there`, with an explicit
   * provider. Its outputs are the function's result for the role `ci`, and the number of mappings that the function finds for an output.
   */
  setUp(project: TestProject): Promise<void>;
  /** The code that `pulumi import` prints for the role `admin`, without its options. */
  readonly imported: string;
}

/** A string literal with a role's ARN. */
export const arn = (role: string): string => `"arn:aws:iam::111122223333:role/${role}"`;

/**
 * Creates a project and adds the SDK with `pulumi package add`, which generates and installs it.
 *
 * @param runtime the `runtime` field of `Pulumi.yaml`.
 */
export async function createProject(
  project: TestProject,
  runtime: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await project.write("Pulumi.yaml", `name: ${project.name}\nruntime: ${runtime}\n`);
  for (const [name, text] of Object.entries(files)) {
    await project.write(name, text);
  }
  const added = await project.cli("package", "add", "aws-auth");
  expect(added).toMatchObject({ code: 0, output: expect.stringContaining("Added package") });
}
