import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { targetsOf } from "../../../cli/review.ts";
import { stateOf } from "../../../provider/cluster/index.ts";
import { readClusters } from "../../../provider/cluster/readClusters.ts";
import { runCli } from "../../support/cli/runCli.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";

const gateway = "https://gateway.example.com";

describe("a list of clusters", () => {
  it("counts before the environment, which specifies the rest", async () => {
    const directory = await temporaryDirectory();
    const items = [{ kubeconfig: "own.json", context: "a" }, { context: "b" }];
    await writeFile(join(directory, "clusters.yaml"), JSON.stringify(items));
    for (const name of ["own.json", "env.json"]) {
      await writeFile(join(directory, name), kubeconfigOf({ a: gateway, b: gateway }));
    }
    vi.stubEnv("AWS_AUTH_KUBECONFIG", join(directory, "env.json"));
    vi.stubEnv("AWS_AUTH_CONTEXT", "a");
    const targets = await targetsOf({ clusters: join(directory, "clusters.yaml") });
    const { clusters, unread } = await readClusters(targets, {}, async (ref) => ({ id: JSON.stringify(stateOf(ref)) }));
    vi.unstubAllEnvs();
    expect(unread).toEqual([]);
    expect(clusters.map(({ id }) => JSON.parse(id).context)).toEqual(["a", "b"]);
  });

  it.each(["AWS_AUTH_KUBECONFIG", "KUBECONFIG"])(
    "does not change the directory in which a path in %s starts",
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
});
