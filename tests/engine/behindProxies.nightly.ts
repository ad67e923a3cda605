import { describe, expect, it, onTestFinished } from "vitest";
import { plainly } from "../support/doors/declared.ts";
import { doors } from "../support/doors/door.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { startTunnel } from "../support/proxy/tunnel.ts";
import { caData, startApiServer } from "../unit/cluster/apiServer.ts";

const arn = "arn:aws:iam::111122223333:role/dev";

describe.each(doors)("two API servers behind two proxies under one URL, through the $name", (door) => {
  it("are two clusters: another context moves a mapping", async () => {
    const [a, b] = [await startApiServer({}), await startApiServer({})];
    const project = await TestProject.create(door.options);
    onTestFinished(() => project.remove());
    const [toA, toB] = await Promise.all([a, b].map(({ url }) => startTunnel(Number(new URL(url).port))));
    const proxies = { a: toA?.url, b: toB?.url };
    const kubeconfig = {
      clusters: Object.entries(proxies).map(([name, proxy]) => {
        const server = "https://api.example";
        return { name, cluster: { server, "certificate-authority-data": caData, "proxy-url": proxy } };
      }),
      users: [{ name: "u", user: { token: "t" } }],
      contexts: ["a", "b"].map((name) => ({ name, context: { cluster: name, user: "u" } })),
    };
    await project.write("kubeconfig.json", JSON.stringify(kubeconfig));
    const use = (context: string) =>
      project.configure({ "aws-auth:kubeconfig": "kubeconfig.json", "aws-auth:context": context });
    const mapped = () => [a, b].map(({ data }) => data?.["mapRoles"]?.includes(arn) === true);
    await project.program(door.program(plainly({ dev: { arn, username: "dev" } })));
    await use("a");
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(mapped()).toEqual([true, false]);
    expect((await mappingsOf(project))[0]?.id).toMatch(/^server:[0-9a-f]{16}\/arn/);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });

    await use("b");
    expect((await project.preview()).output).toMatch(/\+-\d to replace/);
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(mapped()).toEqual([false, true]);

    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(mapped()).toEqual([false, false]);
  });
});
