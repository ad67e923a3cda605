import { describe, expect, it, onTestFinished } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { outputOf } from "../support/engine/yamlProgram.ts";
import { sample } from "../support/nightly.ts";
import { startApiServer } from "../unit/cluster/apiServer.ts";

const type = "aws-auth:IdentityMapping";
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const kubeconfig = (server: string) =>
  JSON.stringify({
    "current-context": "it",
    contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
    clusters: [{ name: "it", cluster: { server } }],
    users: [{ name: "it", user: { token: "t" } }],
  });
const empty = manifestOf({ mapRoles: "[]\n" });

describe.each(sample(["explicit", "default"] as const))("a mapping on the cluster of its %s provider", (which) => {
  it("moves with it to another cluster and leaves nothing behind, and stays where only the path is another one", async () => {
    const [a, b] = [await startApiServer({}), await startApiServer({})];
    const project = await TestProject.create({ language: "yaml" });
    onTestFinished(() => project.remove());
    await project.write("elsewhere.yaml", empty);
    for (const [name, server] of Object.entries({ a, copy: a, b })) {
      await project.write(`${name}.json`, kubeconfig(server.url));
    }
    const use = async (path: string) => {
      const options = which === "explicit" ? { provider: outputOf("own") } : {};
      const given = { kubeconfig: path };
      await project.configure(which === "default" ? { "aws-auth:kubeconfig": path } : {});
      const own = { type: "pulumi:providers:aws-auth", properties: given };
      const resources = {
        ...(which === "explicit" && { own }),
        dev: { type, properties: { arn: role("dev"), username: "dev" }, options },
        other: {
          type,
          properties: { arn: role("other"), username: "other", cluster: { manifest: "elsewhere.yaml" } },
          options,
        },
      };
      await project.program(`resources: ${JSON.stringify(resources)}\n`);
    };
    await use("a.json");
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(a.data?.["mapRoles"]).toContain(role("dev"));

    await use("copy.json");
    expect((await project.preview()).raw).not.toMatch(/to replace|to delete/);
    expect(await project.up()).toMatchObject({ code: 0 });
    const writes = a.requests.filter(({ line }) => !line.startsWith("GET"));
    expect(writes).toHaveLength(1);

    await use("b.json");
    expect((await project.preview()).raw).toMatch(/\+-\d to replace/);
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(b.data?.["mapRoles"]).toContain(role("dev"));
    expect(a.data?.["mapRoles"]).not.toContain(role("dev"));
    expect(a.annotations).toEqual({});
    expect(await project.read("elsewhere.yaml")).toContain(role("other"));
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });

    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(b.data?.["mapRoles"]).not.toContain(role("dev"));
    expect(await project.read("elsewhere.yaml")).toBe(empty);
  });
});
