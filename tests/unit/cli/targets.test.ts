import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { targetsOf } from "../../../cli/review.ts";
import { stateOf } from "../../../provider/cluster/index.ts";
import { readClusters } from "../../../provider/cluster/readClusters.ts";
import { lookUp } from "../../../provider/cluster/settings.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const kubeconfig = JSON.stringify({
  clusters: [{ name: "gateway", cluster: { server: "https://gateway.example.com" } }],
  users: ["a", "b"].map((name) => ({ name, user: { token: name } })),
  contexts: ["a", "b"].map((name) => ({ name, context: { cluster: "gateway", user: name } })),
});

it("takes what an item of a file says itself, whatever the environment says, and the rest from there", async () => {
  const directory = await temporaryDirectory();
  const items = [
    { kubeconfig: "own.json", context: "a" },
    { context: "b" },
    { name: "prod", profile: "own" },
    { name: "prod", roleArn: "own" },
  ];
  await writeFile(join(directory, "clusters.yaml"), JSON.stringify(items));
  for (const name of ["own.json", "env.json"]) {
    await writeFile(join(directory, name), kubeconfig);
  }
  vi.stubEnv("AWS_AUTH_KUBECONFIG", join(directory, "env.json"));
  vi.stubEnv("AWS_AUTH_CONTEXT", "a");
  vi.stubEnv("AWS_AUTH_PROFILE", "env");
  vi.stubEnv("AWS_AUTH_ROLE_ARN", "env");
  const targets = await targetsOf({ clusters: join(directory, "clusters.yaml") });
  const { clusters, unread } = await readClusters(targets.slice(0, 2), {}, async (ref) => ({
    id: JSON.stringify(stateOf(ref)),
  }));
  expect(unread).toEqual([]);
  expect(clusters.map(({ id }) => JSON.parse(id).context)).toEqual(["a", "b"]);
  const ways = targets.slice(2).map(({ cluster, settings }) => {
    const { profile, roleArn } = Object(cluster);
    return [lookUp("profile", profile, settings)?.value, lookUp("roleArn", roleArn, settings)?.value];
  });
  expect(ways).toEqual([
    ["own", "env"],
    ["env", "own"],
  ]);
});
