import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli } from "../../support/cli/runCli.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../cluster/support.ts";

it.each(["AWS_AUTH_KUBECONFIG", "KUBECONFIG"])(
  "a path in %s starts where the command was run, and not where a list of clusters is",
  async (variable) => {
    const [here, there] = [await startApiServer({ mapRoles: "[]\n" }), await startApiServer({ mapRoles: "[]\n" })];
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "lists"));
    await writeFile(join(cwd, "kubeconfig"), kubeconfigOf({ prod: here.url }));
    await writeFile(join(cwd, "lists", "kubeconfig"), kubeconfigOf({ prod: there.url }));
    await writeFile(join(cwd, "lists", "clusters.yaml"), "- context: prod\n");
    await runCli(["review", "--clusters", "lists/clusters.yaml"], { cwd, env: { [variable]: "kubeconfig" } });
    expect([here.requests.length > 0, there.requests.length > 0]).toEqual([true, false]);
  },
);
