import { expect, it } from "vitest";
import { idOf } from "../../../provider/cluster/index.ts";
import { listedTarget, readClusters } from "../../../provider/cluster/readClusters.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { settingsOf } from "./support.ts";

it("clusters are read side by side, each once, and one that cannot be read does not stop the others", async () => {
  const clusters = [{ manifest: "a.yaml" }, { manifest: "./a.yaml" }, { manifest: "b.yaml" }, { region: "x" }];
  const targets = clusters.map((cluster, index) => listedTarget(cluster, `cluster ${index + 1}`, settingsOf({})));
  const progress: number[] = [];
  const result = await readClusters(targets, { onProgress: (done) => progress.push(done) }, async (ref) => {
    if (idOf(ref) === "manifest:b.yaml") {
      throw new AwsAuthError("clusterUnreachable", "not now");
    }
    return { id: idOf(ref) };
  });
  expect(result).toEqual({
    clusters: [{ id: "manifest:a.yaml" }],
    unread: [
      { id: "manifest:b.yaml", name: "b.yaml", code: "clusterUnreachable", message: "not now" },
      { name: "cluster 4", code: "invalidInput", message: expect.stringContaining("region") },
    ],
  });
  expect(progress).toEqual([1, 2, 3, 4]);
});

it("a way that a list specifies counts before the environment", () => {
  const env = { AWS_AUTH_PROFILE: "mine", AWS_AUTH_ROLE_ARN: "role" };
  const { settings } = listedTarget({ name: "prod", profile: "theirs" }, "x", settingsOf({ env }));
  expect(settings.env).toMatchObject({ AWS_AUTH_PROFILE: undefined, AWS_AUTH_ROLE_ARN: "role" });
});
