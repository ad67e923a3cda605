import { describe, expect } from "vitest";
import { test } from "../support/cluster/deployer.ts";
import { roleArn } from "../support/cluster/foreignWriter.ts";
import { seasonedData, seasonedMapAccounts, seasonedMapRoles, seasonedMapUsers } from "../support/engine/manifest.ts";
import { stateFileOf } from "../support/engine/state.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { isNightly, sample } from "../support/nightly.ts";
import { inOrder, output, withoutOptions } from "../support/variants/declared.ts";
import { variants } from "../support/variants/variant.ts";

interface Role {
  readonly name: string;
  readonly groups: readonly string[];
  readonly resource?: string;
}

const users = ["u1", "u2", "u3"];
const accounts = ["012345678901", "999999999999"];
const userArn = (name: string) => `arn:aws:iam::111122223333:user/${name}`;

/** The entries in the key order and indentation of their neighbors: mapRoles ends in terraform's order, mapUsers begins with the ARN. */
const roleEntries = (some: readonly Role[]) =>
  some
    .map(
      ({ name, groups }) =>
        `- groups:\n${groups.map((group) => `  - ${group}\n`).join("")}  rolearn: ${roleArn(name)}\n  username: ${name}\n`,
    )
    .join("");
const userEntries = users
  .map((name) => `- userarn: ${userArn(name)}\n  username: ${name}\n  groups:\n    - viewers\n`)
  .join("");
const accountEntries = accounts.map((account) => `- "${account}"\n`).join("");

const mappings = (some: readonly Role[]) => {
  const roles = some.map(({ name, resource = name, groups }) => [
    resource,
    { arn: roleArn(name), username: name, groups },
  ]);
  const others = [
    ...users.map((name) => [name, { arn: userArn(name), username: name, groups: ["viewers"] }]),
    ...accounts.map((account) => [`account-${account}`, { account }]),
  ];
  return inOrder(withoutOptions(Object.fromEntries([...roles, ...others])));
};

const dataWith = (some: readonly Role[]) => ({
  ...seasonedData,
  mapRoles: seasonedMapRoles + roleEntries(some),
  mapUsers: seasonedMapUsers + userEntries,
  mapAccounts: seasonedMapAccounts + accountEntries,
});

describe.each(sample(variants))(
  "twelve mappings in a map with history, on a real API server, through the $name",
  (variant) => {
    const metadata = { labels: { team: "platform" }, annotations: { note: "by hand" } };
    const roles: Role[] = ["r1", "r2", "r3", "r4", "r5", "r6", "r7"].map((name) => ({ name, groups: ["viewers"] }));
    let project: TestProject;

    test.beforeAll(async ({ map, addProject }) => {
      await map.reset(seasonedData, metadata);
      project = await addProject(variant.options);
    });

    test("are previewed without a write, and created in the style of their neighbors", async ({ map }) => {
      await project.program(variant.program(mappings(roles), { name: output("r1", "username") }));
      const preview = await project.preview();
      expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 13 to create") });
      expect(preview.output).toContain('name: "r1"');
      expect(await map.data()).toEqual(seasonedData);
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 13 created") });
      expect(await map.data()).toEqual(dataWith(roles));
      const before = await map.read();
      expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await map.read()).toEqual(before);
    });

    test("are updated in place, renamed and replaced in one run, and a new entry is added before the old one is removed", async ({
      map,
    }) => {
      roles[2] = { name: "r3", groups: ["viewers", "editors"] };
      roles[3] = { name: "r4", groups: ["viewers"], resource: "renamed" };
      roles[4] = { name: "r5-new", groups: ["viewers"], resource: "r5" };
      await project.program(variant.program(mappings(roles)));
      const up = await project.up();
      expect(up).toMatchObject({ code: 0 });
      for (const count of ["+ 1 created", "~ 1 updated", "- 1 deleted", "+-1 replaced"]) {
        expect(up.output).toContain(count);
      }
      // The new entry is the last one; the renamed one keeps its position.
      roles.push(...roles.splice(4, 1));
      expect(await map.data()).toEqual(dataWith(roles));
    });

    test("restore the original map with a destroy", async ({ map }) => {
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await map.read()).toMatchObject({ data: seasonedData, metadata });
      expect(await map.data()).toEqual(seasonedData);
    });

    test("accept the content of a kubeconfig, which is a secret in the state", async ({ cluster, map }) => {
      await project.configure({});
      const kubeconfig = cluster.kubeconfig("deployer");
      await project.program(
        variant.program(withoutOptions({ a: { cluster: { kubeconfig }, account: "012345678901" } })),
      );
      expect(await project.up()).toMatchObject({ code: 0 });
      expect((await map.data())["mapAccounts"]).toContain('"012345678901"');
      const state = await stateFileOf(project);
      for (const secret of [cluster.token("deployer"), cluster.caData, cluster.server]) {
        expect(state).not.toContain(secret);
      }
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await map.data()).toEqual(seasonedData);
    });

    test.runIf(isNightly)(
      "are neither refreshed nor deleted with a kubeconfig of another server, and deleted with a path in the environment",
      async ({ cluster, map }) => {
        await project.write("kubeconfig", cluster.kubeconfig("deployer"));
        await project.configure({ "aws-auth:kubeconfig": "kubeconfig" });
        await project.program(variant.program(withoutOptions({ a: { account: "012345678901" } })));
        expect(await project.up()).toMatchObject({ code: 0 });
        const stored = await map.read();
        await project.write(
          "kubeconfig",
          cluster.kubeconfig("deployer").replace(cluster.server, "https://127.0.0.1:1"),
        );
        for (const { code, output } of [await project.refresh(), await project.destroy()]) {
          expect(code).not.toBe(0);
          expect(output).toContain("connects to https://127.0.0.1:1, not to the cluster of this mapping");
          expect(output).not.toMatch(/^\s+at /m);
        }
        expect(await map.read()).toEqual(stored);
        const moved = project.with({ AWS_AUTH_KUBECONFIG: cluster.kubeconfigFile("deployer") });
        expect(await moved.destroy()).toMatchObject({ code: 0 });
        expect(await map.data()).toEqual(seasonedData);
      },
    );
  },
);
