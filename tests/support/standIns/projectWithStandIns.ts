import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { type ProjectOptions, repository, TestProject } from "../engine/testProject.ts";

/** Options of the project and its stand-ins. */
export interface StandInOptions {
  /** Kubeconfig file of the cluster for Kubernetes objects. */
  readonly kubeconfig: string;
  /** The project's name. Default `test`. */
  readonly name?: string;
  /** Stack configuration: full keys. */
  readonly config?: Readonly<Record<string, string>>;
  /** The language of its program, and whether a Node program may use the resource plugin too. */
  readonly program?: Pick<ProjectOptions, "language" | "plugin">;
  /** Directory of the real plugin of @pulumi/kubernetes. Default: a stand-in. */
  readonly kubernetesPlugin?: string;
}

/**
 * Creates a project with @pulumi/kubernetes and @pulumi/aws, and stand-ins for their plugins. The engine uses a plugin that is on PATH,
 * whatever version the package requires.
 */
export async function projectWithStandIns(options: StandInOptions): Promise<TestProject> {
  const { name = "test", config = {}, kubernetesPlugin } = options;
  const standIns = join(repository, "tests", "support", "standIns", "bin");
  const project = await TestProject.create({
    ...options.program,
    name,
    config,
    programs: kubernetesPlugin === undefined ? [standIns] : [kubernetesPlugin, standIns],
    env: { KUBECONFIG: options.kubeconfig },
  });
  for (const plugin of ["kubernetes", "aws"]) {
    const target = join(repository, "node_modules", "@pulumi", plugin);
    await symlink(target, join(project.directory, "node_modules", "@pulumi", plugin));
  }
  return project;
}
