import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serverFingerprint } from "../../../provider/cluster/clusterRef.ts";
import { openStore } from "../../../provider/cluster/connect.ts";
import { reportedId, resolveClusterRef } from "../../../provider/cluster/index.ts";
import { readClusters } from "../../../provider/cluster/readClusters.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { settingsOf, temporaryDirectory } from "./support.ts";

const server = "https://gateway.example.com";
const kubeconfig = JSON.stringify({
  clusters: [{ name: "gateway", cluster: { server } }],
  users: ["a", "b"].map((name) => ({ name, user: { token: name } })),
  contexts: [
    { name: "a", context: { cluster: "gateway", user: "a" } },
    { name: "a-too", context: { cluster: "gateway", user: "a", namespace: "x" } },
    { name: "b", context: { cluster: "gateway", user: "b" } },
  ],
});

/** The clusters of a report that says nothing of them. */
function read(targets: readonly { readonly cluster: unknown; readonly cwd?: string }[], isRead = true) {
  const named = targets.map(({ cluster, cwd = "/" }) => ({ name: "x", cluster, settings: settingsOf({ cwd }) }));
  return readClusters(named, {}, async (ref) => {
    if (!isRead) {
      throw new AwsAuthError("clusterUnreachable", "no");
    }
    return { id: reportedId(ref), notes: ["own"] };
  });
}

describe("clusters of one ID", () => {
  it("are two where manifests of one name are in two directories, and one where a link leads to the other", async () => {
    const directory = await temporaryDirectory();
    for (const name of ["a", "b"]) {
      await mkdir(join(directory, name));
      await writeFile(join(directory, name, "map.yaml"), "");
    }
    await symlink(join(directory, "b"), join(directory, "c"));
    const targets = ["a", "b", "c"].map((name) => ({
      cluster: { manifest: "map.yaml" },
      cwd: join(directory, name),
    }));
    const { clusters } = await read(targets);
    const paths = ["b", "a"].map((name) => `manifest ${JSON.stringify(join(directory, name, "map.yaml"))}`);
    const note = `${paths.join(" and ")} have the same ID manifest:map.yaml; here the former is manifest:map.yaml#2`;
    expect(clusters).toEqual([
      { id: "manifest:map.yaml", notes: ["own"] },
      { id: "manifest:map.yaml#2", notes: ["own", note] },
    ]);
  });

  it("are two where a plugin is told of another cluster behind one URL", async () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never", command: "plugin" };
    const told = (extension: string) => [{ name: "client.authentication.k8s.io/exec", extension }];
    const names = ["a", "b"];
    const gateway = JSON.stringify({
      clusters: names.map((name) => ({ name, cluster: { server, extensions: told(name) } })),
      users: [{ name: "u", user: { exec: { ...exec, provideClusterInfo: true } } }],
      contexts: names.map((name) => ({ name, context: { cluster: name, user: "u" } })),
    });
    const { clusters } = await read(names.map((context) => ({ cluster: { kubeconfig: gateway, context } })));
    expect(clusters).toHaveLength(2);
    const settings = settingsOf({ config: { "aws-auth:kubeconfig": gateway } });
    await expect(
      openStore(await resolveClusterRef({ server: serverFingerprint(server) }, settings), settings),
    ).rejects.toThrow(/do not all verify the same server as the same user: "a" .*, "b" /);
  });

  it("have the next number that is free", async () => {
    const targets = ["map.yaml", "map.yaml", "map.yaml#2"].map((manifest, index) => ({
      cluster: { manifest },
      cwd: `/${index}`,
    }));
    for (const order of [targets, [...targets].reverse()]) {
      const { clusters } = await read(order);
      expect(clusters.map(({ id }) => id).sort()).toEqual([
        "manifest:map.yaml",
        "manifest:map.yaml#2",
        "manifest:map.yaml#3",
      ]);
    }
  });

  it("are two where contexts differ in their user alone, and one where they differ in their namespace", async () => {
    const contexts = ["a", "a-too", "b"].map((context) => ({ cluster: { kubeconfig, context } }));
    const { clusters } = await read(contexts);
    const [first, second, ...more] = clusters;
    expect(more).toEqual([]);
    expect(second?.id).toBe(`${first?.id}#2`);
    expect(second?.notes[1]).toMatch(
      /^context "b" of .+ and context "a" of .+ have the same ID server:[0-9a-f]{12}-; /,
    );
    expect(JSON.stringify(clusters)).not.toContain("token");
    // Whichever of them can be read.
    const { unread } = await read(contexts, false);
    expect(unread.map(({ id }) => id)).toEqual([first?.id, first?.id, second?.id]);
  });
});
